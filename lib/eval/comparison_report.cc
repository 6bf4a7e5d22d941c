#include "eval/comparison_report.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/number.h"

namespace rec {
namespace {

// The numbers of a comparison behind its users, in the order of the columns.
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

}  // namespace

void write_comparisons(Output& out, std::span<const Comparison> comparisons, bool header) {
  std::string text;
  if (header) {
    text = "metric\tranking\tusers";
    for (const auto& [name, value] : numbers_of({})) (text += '\t') += name;
    text += '\n';
  }
  for (const Comparison& comparison : comparisons) {
    text += comparison.metric + '\t' + comparison.ranking + '\t';
    append_integer(text, comparison.users);
    for (const auto& [name, value] : numbers_of(comparison)) {
      text += '\t';
      if (std::isnan(value)) {
        text += "nan";
      } else {
        append_number(text, value);
      }
    }
    text += '\n';
  }
  out.write(text);
}

nlohmann::ordered_json comparisons_json(std::span<const Comparison> comparisons) {
  auto array = nlohmann::ordered_json::array();
  for (const Comparison& comparison : comparisons) {
    nlohmann::ordered_json entry;
    entry["metric"] = comparison.metric;
    entry["ranking"] = comparison.ranking;
    entry["users"] = comparison.users;
    for (const auto& [name, value] : numbers_of(comparison)) entry[name] = value;  // NaN is written as null
    array.push_back(std::move(entry));
  }
  return array;
}

}  // namespace rec
