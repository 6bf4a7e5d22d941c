// What rec-eval prints, as JSON. Thread rule: pure functions.
#pragma once

#include <span>

#include "eval/compare_rankings.h"
#include "eval/eval_report.h"

namespace rec {

// {"metrics": {name: value}, "intervals": {name: [low, high]}, "counts": {name: n},
//  "per_user": [{"user": id, name: value}], "comparisons": [{column: value}],
//  "segments": {segment: {"metrics", "intervals", "counts"}}},
// without the parts that are empty.
// Ids that are no UTF-8 get U+FFFD for the bytes that are not.
struct ReportTables {
  std::span<const ReportRow> rows;
  const PerUserTable* per_user = nullptr;
  std::span<const Comparison> comparisons{};
  std::span<const SegmentRows> segments{};
};
void write_json(Output& out, const ReportTables& tables);

}  // namespace rec
