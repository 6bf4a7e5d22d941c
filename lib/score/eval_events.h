// Rates of an event log: user item impressions clicks [conversions], counts; or
// one row an impression with click and conversion as 0 or 1.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "io/table.h"
#include "metrics/metric_table.h"

namespace rec {

struct EventEvaluation {
  bool header = false;
  std::vector<Proportion> values;  // one a metric, in order; NaN where there were no trials
  EventCounts counts;
  bool has_conversions = false;
  uint64_t rows = 0;
  uint64_t bad_lines = 0;
};

// Positional order without a header: user item impressions clicks conversions.
// The one-row-an-impression form needs a header or --columns that names click.
// Streams in constant memory. Throws Error for a line whose counts are no
// numbers >= 0 without fraction, or contradict a metric (more clicks than
// impressions), and for a table that lacks a column that a metric needs.
TableSpec events_spec();
EventEvaluation evaluate_events(const std::string& path, const ReadOptions& read, std::span<const Metric> metrics,
                                int threads);

}  // namespace rec
