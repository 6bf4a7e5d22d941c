// What rec-eval prints: rows of metrics and counts.
// Thread rule: plain data, pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eval/compare_rankings.h"
#include "eval/report_table.h"
#include "io/output.h"
#include "metrics/metric_table.h"

namespace rec {

// The segment of all users, in rows that have a segment.
inline constexpr const char* kAllSegment = "all";

struct ReportRow {
  std::string name;
  double value = 0.0;  // NaN: undefined ("nan" in TSV, null in JSON)
  std::optional<double> low{};
  std::optional<double> high{};
  bool is_count = false;
  // What a picture needs to know of the row, so that it reads no names: the metric of
  // a row that has a cut, a text of the metric table, and the cut; whether it is a ratio
  // to the control.
  std::string_view series{};
  uint32_t k = 0;
  bool is_ratio = false;
};

// The rows of a segment: metrics, then "users".
struct SegmentRows {
  std::string segment;
  std::vector<ReportRow> rows;
};

// The rows of one of several rankings.
struct RowsOfRanking {
  std::string ranking;  // the path
  std::vector<ReportRow> rows;
};

// One user's values, one a metric.
struct PerUserTable {
  std::vector<std::string> metrics;
  std::vector<std::string> users;
  std::vector<double> values;  // users × metrics
};

// metric TAB value, and TAB low TAB high on every row if any row has an interval
// (both empty where a row has none).
void write_report(ReportTable& table, std::span<const ReportRow> rows);
// metric TAB segment TAB value, and intervals as above: `rows` with the segment
// "all" first, then those of the segments.
void write_segments(ReportTable& table, std::span<const ReportRow> rows, std::span<const SegmentRows> segments);
// user TAB one column a metric.
void write_per_user(ReportTable& table, const PerUserTable& users);
// A table of all metrics with what they are.
void write_metric_list(Output& out);

}  // namespace rec
