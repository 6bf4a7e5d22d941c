#include "eval/comparison_report.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/number.h"
#include "eval/eval_report.h"

namespace rec {
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
  std::string line = segments ? "metric\tranking\tsegment\tusers" : "metric\tranking\tusers";
  for (const auto& [name, value] : numbers_of({})) (line += '\t') += name;
  table.header(line);
  for (const Comparison& comparison : comparisons) {
    line = comparison.metric + '\t' + comparison.ranking + '\t';
    if (segments) (line += comparison.segment.empty() ? kAllSegment : comparison.segment) += '\t';
    append_integer(line, comparison.users);
    for (const auto& [name, value] : numbers_of(comparison)) {
      line += '\t';
      table.append(line, value);
    }
    table.row(line);
  }
}

nlohmann::ordered_json comparisons_json(std::span<const Comparison> comparisons) {
  auto array = nlohmann::ordered_json::array();
  for (const Comparison& comparison : comparisons) {
    nlohmann::ordered_json entry;
    entry["metric"] = comparison.metric;
    entry["ranking"] = comparison.ranking;
    if (!comparison.segment.empty()) entry["segment"] = comparison.segment;
    entry["users"] = comparison.users;
    for (const auto& [name, value] : numbers_of(comparison)) entry[name] = value;  // NaN is written as null
    array.push_back(std::move(entry));
  }
  return array;
}

}  // namespace rec
