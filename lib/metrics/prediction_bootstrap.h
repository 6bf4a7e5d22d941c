// Bootstrap intervals of the metrics of predictions. The unit that is resampled
// is the user, with all rows of the user, where rows name users; else the row.
// Thread rule: pure function; the same for every number of threads.
#pragma once

#include <span>
#include <vector>

#include "metrics/bootstrap.h"
#include "metrics/metric_table.h"

namespace rec {

// One percentile interval a metric, in order. Memory: 8 bytes a row and metric.
// Note that ece is never below 0, so it is biased upwards, on a resample more
// than on the rows: its interval may lie above its value.
// REQUIRES: what the metrics require of the rows; N > 0; metrics of kind
// kPrediction.
std::vector<Interval> bootstrap_predictions(const Predictions& rows, std::span<const Metric> metrics,
                                            const BootstrapOptions& options, int threads);

}  // namespace rec
