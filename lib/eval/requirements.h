// Conditions on what rec-eval prints, for cron and CI. Thread rule: plain data, pure
// functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "eval/eval_report.h"

namespace rec {

// NAME>=VALUE, with >=, <=, > or <, and spaces around it if one likes.
struct Requirement {
  std::string text;
  std::string name;
  std::string comparison;
  double bound;
};
Requirement parse_requirement(const std::string& text);  // throws UsageError

// The values that a condition can name, each with its names: rows by their own, the ends
// of an interval as NAME.low and NAME.high, a row of a segment as NAME[SEGMENT], a column
// of a comparison as METRIC.COLUMN[RANKING], in a segment METRIC.COLUMN[RANKING][SEGMENT]
// (the interval is that of the difference: METRIC.difference.low[RANKING]). A
// ranking goes by its path, by its file's name without folder and suffix, and without
// brackets where it is the only one; where two rows share a name, the first has it.
std::vector<ReportRow> rows_to_require(std::span<const ReportRow> rows, std::span<const SegmentRows> segments,
                                       std::span<const Comparison> comparisons);

// A line for each condition that does not hold; NaN satisfies none. Throws
// UsageError where there is no row of that name.
std::vector<std::string> failed_requirements(std::span<const Requirement> requirements,
                                             std::span<const ReportRow> rows);

}  // namespace rec
