#include "eval/eval_events.h"

#include <algorithm>

#include "base/error.h"
#include "base/number.h"
#include "metrics/distributions.h"

namespace rec {
namespace {

std::string names_of(std::span<const Variant> variants) {
  std::string names;
  for (const Variant& variant : variants) names += (names.empty() ? "" : " ") + printable(variant.name);
  return names;
}

size_t control_of(const EventLog& log, const std::string& name) {
  if (name.empty()) return 0;
  const auto found = std::find_if(log.variants.begin(), log.variants.end(),
                                  [&name](const Variant& variant) { return variant.name == name; });
  if (found == log.variants.end()) {
    fail("{}: no variant \"{}\", which --control names; there are: {}", log.name, printable(name),
         names_of(log.variants));
  }
  return static_cast<size_t>(found - log.variants.begin());
}

// The expected share of each variant.
std::vector<double> shares_of(const EventLog& log, const std::string& text) {
  if (text.empty()) return std::vector<double>(log.variants.size(), 1.0);
  const auto split = parse_split(text);
  std::vector<double> shares;
  for (const Variant& variant : log.variants) {
    const auto found =
        std::find_if(split.begin(), split.end(), [&](const auto& share) { return share.first == variant.name; });
    if (found == split.end()) fail("{}: variant \"{}\" is not in --expected-split", log.name, printable(variant.name));
    shares.push_back(found->second);
  }
  for (const auto& [name, share] : split) {
    const bool there = std::any_of(log.variants.begin(), log.variants.end(),
                                   [&](const Variant& variant) { return variant.name == name; });
    if (!there) {
      fail("{}: no variant \"{}\", which --expected-split names; there are: {}", log.name, printable(name),
           names_of(log.variants));
    }
  }
  return shares;
}

// Rates of a log of which no sums by user were kept.
std::vector<VariantMetric> pooled(const EventLog& log, std::span<const Metric> metrics, double confidence) {
  const double z = normal_quantile_two_sided(confidence);
  std::vector<VariantMetric> values;
  for (const Metric& metric : metrics) {
    const EventRate rate = metric.info->event(log.counts);
    const Proportion value = wilson(static_cast<uint64_t>(rate.part), static_cast<uint64_t>(rate.whole), z);
    values.push_back({value.value, {value.low, value.high}, {}});
  }
  return values;
}

}  // namespace

std::vector<std::pair<std::string, double>> parse_split(const std::string& text) {
  std::vector<std::pair<std::string, double>> split;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string entry = text.substr(begin, end - begin);
    const size_t equals = entry.rfind('=');
    const auto share = equals == std::string::npos ? std::nullopt : parse_number<double>(entry.substr(equals + 1));
    if (!share || *share <= 0.0 || equals == 0) {
      fail_usage("--expected-split: expected VARIANT=SHARE with a share above 0, found \"{}\"", printable(entry));
    }
    const std::string name = entry.substr(0, equals);
    for (const auto& [other, value] : split) {
      if (other == name) fail_usage("--expected-split: variant \"{}\" is there twice", printable(name));
    }
    split.emplace_back(name, *share);
    begin = end + 1;
  }
  return split;
}

EventEvaluation evaluate_events(const EventLogOptions& options, const ExperimentOptions& experiment,
                                std::span<const Metric> metrics, const BootstrapOptions& bootstrap) {
  EventEvaluation evaluation;
  EventLog& log = evaluation.log;
  log = read_event_log(options, metrics);
  if (log.variants.empty()) {
    evaluation.values = pooled(log, metrics, bootstrap.confidence);
    return evaluation;
  }
  if (log.has_variants) {
    evaluation.control = control_of(log, experiment.control);
    const std::vector<double> shares = shares_of(log, experiment.expected_split);
    for (const Variant& variant : log.variants) {
      evaluation.variants.push_back(variant.name);
      evaluation.users.push_back(variant.users.size());
    }
    evaluation.split = test_split(evaluation.users, shares);
  }
  evaluation.values = compare_variants(log.variants, evaluation.control, metrics, bootstrap, options.threads);
  log.variants.clear();
  return evaluation;
}

}  // namespace rec
