#include "metrics/trec_measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace rec {
namespace {

struct TrecMeasure {
  Metric metric;
  bool official;
  bool set;
};

const MetricInfo* info_of(std::string_view name) {
  const auto all = all_metrics();
  return &*std::find_if(all.begin(), all.end(), [name](const MetricInfo& info) { return info.name == name; });
}

const std::vector<TrecMeasure>& measures() {
  static const std::vector<TrecMeasure> kMeasures = [] {
    std::vector<TrecMeasure> all;
    const auto add = [&all](const char* label, const char* metric, bool official = false, bool set = false,
                            uint32_t parameter = kWholeList) {
      all.push_back({{info_of(metric), parameter, label}, official, set});
    };
    const auto add_cuts = [&](const char* label, const char* metric, const std::vector<uint32_t>& cuts,
                              bool official = false) {
      for (const uint32_t k : cuts) add(fmt::format("{}_{}", label, k).c_str(), metric, official, false, k);
    };
    const auto add_percents = [&](const char* metric, uint32_t least, uint32_t most, uint32_t step, bool official) {
      for (uint32_t percent = least; percent <= most; percent += step)
        add(fmt::format("{}_{:.2f}", metric, percent / 100.0).c_str(), metric, official, false, percent);
    };
    const std::vector<uint32_t> kCuts{5, 10, 15, 20, 30, 100, 200, 500, 1000};
    add("num_ret", "num_ret", true, true);
    add("num_rel", "num_rel", true, true);
    add("num_rel_ret", "num_rel_ret", true, true);
    add("map", "map", true);
    add("gm_map", "gm_map", true);
    add("Rprec", "rprec", true);
    add("bpref", "bpref", true);
    add("recip_rank", "mrr", true);
    add_percents("iprec_at_recall", 0, 100, 10, true);
    add_cuts("P", "precision", kCuts, true);
    add_cuts("recall", "recall", kCuts);
    add("infAP", "infAP");
    add("gm_bpref", "gm_bpref");
    add_percents("Rprec_mult", 20, 200, 20, false);
    add("utility", "utility", false, true);
    add("11pt_avg", "11pt_avg");
    add("binG", "binG");
    add("G", "G");
    add("ndcg", "ndcg");
    add("ndcg_rel", "ndcg_rel");
    add("Rndcg", "Rndcg");
    add_cuts("ndcg_cut", "ndcg", kCuts);
    add_cuts("map_cut", "map", kCuts);
    add_cuts("relative_P", "recall_min", kCuts);
    add_cuts("success", "hit", {1, 5, 10});
    add("set_P", "set_P", false, true);
    add("set_relative_P", "set_relative_P", false, true);
    add("set_recall", "set_recall", false, true);
    add("set_map", "set_map", false, true);
    add("set_F", "set_F", false, true);
    add("num_nonrel_judged_ret", "num_nonrel_judged_ret");
    add("rbp", "rbp", false, false, 90);
    add("rbp_resid", "rbp_resid", false, false, 90);
    add_cuts("unj", "unj", {5, 10, 20});
    return all;
  }();
  return kMeasures;
}

}  // namespace

bool is_trec_set(std::string_view name) { return name == "all_trec" || name == "official" || name == "set"; }

std::vector<Metric> trec_set(std::string_view set) {
  std::vector<Metric> metrics;
  for (const TrecMeasure& measure : measures()) {
    if (set == "all_trec" || (set == "official" && measure.official) || (set == "set" && measure.set))
      metrics.push_back(measure.metric);
  }
  return metrics;
}

std::optional<Metric> find_trec_measure(std::string_view name) {
  // Any cut will do: "ndcg_cut_7" is one of trec_eval's too.
  for (const TrecMeasure& measure : measures()) {
    if (measure.metric.name == name) return measure.metric;
    if (measure.metric.cut() == kWholeList) continue;
    const std::string_view stem = std::string_view(measure.metric.name).substr(0, measure.metric.name.rfind('_') + 1);
    if (!name.starts_with(stem)) continue;
    uint64_t k = 0;
    const std::string_view digits = name.substr(stem.size());
    if (digits.empty() || digits.size() > 9 || digits.front() == '0') continue;
    if (!std::all_of(digits.begin(), digits.end(), [](char digit) { return digit >= '0' && digit <= '9'; })) continue;
    for (const char digit : digits) k = 10 * k + static_cast<uint64_t>(digit - '0');
    return Metric{measure.metric.info, static_cast<uint32_t>(k), std::string(name)};
  }
  return std::nullopt;
}

}  // namespace rec
