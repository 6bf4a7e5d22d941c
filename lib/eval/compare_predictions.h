// Predictions of the same rows against a baseline, metric by metric.
// Symbols: U units (users, or rows), M metrics, C tables that are compared.
#pragma once

#include <span>
#include <vector>

#include "eval/compare_rankings.h"
#include "eval/eval_predictions.h"

namespace rec {

// Throws UsageError for a metric that is neither a mean over rows (rmse: its root) nor has a value of a user.
void check_comparable(std::span<const Metric> metrics);

// The units are users where the tables have them, else rows. A unit's value is the metric over its own rows (NaN where
// that is undefined: a user of one label has no auc), and baseline, value and difference are plain means over units. So
// auc and gauc are what group_auc is, and rmse is the mean of the users' rmse. The rest is as compare_rankings() has
// it; ordered by metric, then table, users in byte order, so that the order of users decides nothing. Throws Error
// where a table has other rows than the baseline: the labels, users and weights of each row must be equal; where there
// are no users and a metric that is no mean over rows (rmse, or one by user), or weights. REQUIRES: check_comparable();
// tables read for these metrics with PredictionReading::users; as compare_rankings().
std::vector<Comparison> compare_predictions(std::span<const Metric> metrics, const PredictionTable& baseline,
                                            std::span<const PredictionTable> others, const CompareOptions& options,
                                            const BootstrapOptions& bootstrap, int threads);

}  // namespace rec
