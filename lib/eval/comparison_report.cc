#include "eval/comparison_report.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/number.h"
#include "eval/eval_report.h"

namespace rec {

const char* path_column(const Comparison& comparison) {
  return comparison.of == ComparedBy::kUsers ? "ranking" : "predictions";
}

const char* units_column(const Comparison& comparison) {
  return comparison.of == ComparedBy::kRowsOfPredictions ? "rows" : "users";
}

std::vector<std::pair<const char*, double>> numbers_of(const Comparison& comparison) {
  return {{"baseline", comparison.baseline},
          {"value", comparison.value},
          {"difference", comparison.difference},
          {"relative", comparison.relative},
          {"low", comparison.interval.low},
          {"high", comparison.interval.high},
          {"p_t", comparison.p.t},
          {"p_wilcoxon", comparison.p.wilcoxon},
          {"p_permutation", comparison.p.permutation},
          {"holm_t", comparison.holm.t},
          {"holm_wilcoxon", comparison.holm.wilcoxon},
          {"holm_permutation", comparison.holm.permutation}};
}

void write_comparisons(ReportTable& table, std::span<const Comparison> comparisons, bool segments) {
  std::string line = fmt::format("metric\t{}{}\t{}", path_column(comparisons.front()), segments ? "\tsegment" : "",
                                 units_column(comparisons.front()));
  for (const auto& [name, value] : numbers_of({})) (line += '\t') += name;
  table.header(line);
  for (const Comparison& comparison : comparisons) {
    line = comparison.metric + '\t' + printable(comparison.ranking) + '\t';  // a path may hold a TAB
    if (segments) (line += comparison.segment.empty() ? kAllSegment : comparison.segment) += '\t';
    append_integer(line, comparison.users);
    for (const auto& [name, value] : numbers_of(comparison)) {
      line += '\t';
      table.append(line, value);
    }
    table.row(line);
  }
}

}  // namespace rec
