#include "metrics/metric_table.h"

#include <algorithm>
#include <charconv>

#include "base/edit_distance.h"
#include "base/error.h"
#include "metrics/trec_measures.h"

namespace rec {
namespace {

using enum MetricKind;
using enum MetricParameter;

// The metric of another name, of other letters or of one wrong letter; "": none.
std::string_view meant_by(std::string_view name) {
  std::string word(name.substr(0, 40));
  for (char& letter : word) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {
      {"hr", "hit"},           {"hitrate", "hit"}, {"hit_rate", "hit"}, {"hits", "hit"},
      {"prec", "precision"},   {"p", "precision"}, {"r", "recall"},     {"rec", "recall"},
      {"log_loss", "logloss"}, {"roc_auc", "auc"}, {"f1_score", "f1"}};
  for (const auto& [theirs, ours] : kOtherNames) {
    if (word == theirs) return ours;
  }
  for (const size_t most : {0, 1}) {
    for (const MetricInfo& info : all_metrics()) {
      if (word.size() > 2 && edit_distance(word, info.name) <= most) return info.name;
    }
  }
  return "";
}

[[noreturn]] void fail_unknown(std::string_view name) {
  std::string names;
  for (const MetricInfo& info : all_metrics()) {
    if (!names.empty()) names += ' ';
    names += info.name;
  }
  const std::string_view meant = meant_by(name);
  fail_usage("unknown metric \"{}\"{}; there are: {}", printable(name),
             meant.empty() ? "" : fmt::format(" (did you mean {}?)", meant), names);
}

uint32_t default_parameter(const MetricInfo& info) {
  if (info.parameter == kPercent) return info.percent.usual;
  return info.parameter == kOptionalBins ? kEceBins : kWholeList;
}

}  // namespace

std::string_view metric_kind_name(MetricKind kind) {
  switch (kind) {
    case kRanking:
      return "rankings";
    case kPrediction:
      return "predictions";
    case kEvent:
      return "events";
    case kPolicy:
      return "policy logs";
    case kInterleaving:
      return "interleaved lists";
  }
  return "";
}

std::span<const MetricInfo> all_metrics() {
  static const std::vector<MetricInfo> kAll = [] {
    std::vector<MetricInfo> all;
    for (const auto part :
         {ranking_metrics(), prediction_metrics(), event_metrics(), policy_metrics(), interleaving_metrics()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return kAll;
}

const MetricInfo* find_metric(std::string_view name) {
  const auto all = all_metrics();
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const MetricInfo& candidate) { return candidate.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Metric parse_metric(std::string_view text) {
  const size_t at = text.find('@');
  const std::string_view name = text.substr(0, at);
  const MetricInfo* const info = find_metric(name);
  if (info == nullptr) {
    if (auto measure = find_trec_measure(text)) return *measure;
    fail_unknown(name);
  }
  if (at == std::string_view::npos) return {info, default_parameter(*info), std::string(text)};
  if (info->parameter == kNone) fail_usage("metric \"{}\": {} takes no @", printable(text), name);
  const std::string_view digits = text.substr(at + 1);
  uint32_t parameter = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), parameter);
  const bool whole = code == std::errc() && end == digits.data() + digits.size();
  // ece keeps one sum a bin, so its parameter has a smaller bound.
  const uint32_t least = info->parameter == kPercent ? info->percent.least : 1;
  const uint32_t most = info->parameter == kPercent        ? info->percent.most
                        : info->parameter == kOptionalBins ? 1'000'000
                                                           : kWholeList - 1;
  if (!whole || (digits.front() == '0' && digits.size() > 1) || parameter < least || parameter > most) {
    fail_usage("metric \"{}\": expected a whole number from {} to {} behind the @", printable(text), least, most);
  }
  return {info, parameter, std::string(text)};
}

std::vector<Metric> parse_metric_series(std::string_view text) {
  if (is_trec_set(text)) return trec_set(text);
  const Metric metric = parse_metric(text);
  const PercentRange& percent = metric.info->percent;
  if (metric.info->parameter != kPercent || percent.step == 0 || text != metric.info->name) return {metric};
  std::vector<Metric> series;
  for (uint32_t at = percent.least; at <= percent.most; at += percent.step)
    series.push_back(parse_metric(fmt::format("{}@{}", text, at)));
  return series;
}

std::vector<Metric> parse_metrics(std::span<const std::string> lists) {
  std::vector<Metric> metrics;
  for (const std::string_view list : lists) {
    for (size_t begin = 0; begin <= list.size();) {
      const size_t end = std::min(list.find(',', begin), list.size());
      std::string_view name = std::string_view(list).substr(begin, end - begin);
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      if (name.empty()) fail_usage("metrics \"{}\": an empty name", printable(list));
      for (Metric& metric : parse_metric_series(name)) {
        if (!metrics.empty() && metrics.front().info->kind != metric.info->kind) {
          fail_usage("metrics {} ({}) and {} ({}) are of different kinds: use two runs", metrics.front().name,
                     metric_kind_name(metrics.front().info->kind), metric.name, metric_kind_name(metric.info->kind));
        }
        const bool known =
            std::any_of(metrics.begin(), metrics.end(), [&](const Metric& other) { return other.name == metric.name; });
        if (!known) metrics.push_back(std::move(metric));
      }
      begin = end + 1;
    }
  }
  return metrics;
}

}  // namespace rec
