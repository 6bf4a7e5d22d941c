// The options of off-policy value.
#include "eval/options.h"

#include <algorithm>

#include "base/error.h"

namespace rec {

void declare_policy_options(OptionTable& table, EvalOptions& options) {
  table.heading(kPolicyGroup);
  table
      .add("--clip", options.evaluation.policy.limits.clip, "C",
           "Set importance weights above C to C, for less variance and more bias (default: none)")
      .above(0)
      .default_text("");
  PolicyOptions& policy = options.evaluation.policy;
  table
      .add("--switch-weight", policy.limits.switch_weight, "T",
           "switch_dr trusts the model where the importance weight is above T; it needs this option")
      .at_least(0)
      .default_text("");
  table.add("--shrinkage", policy.limits.shrinkage, "L", "Importance weights w become L w / (w^2 + L); dros needs it")
      .above(0)
      .default_text("");
  table.flag("--by-rank", policy.by_rank, "Write each metric for the rows of each rank as well; needs a column rank");
}

void check_policy_options(const OptionTable& table, const EvalOptions& options) {
  const std::vector<Metric> metrics = metrics_of(options.evaluation);
  const auto wanted = [&](std::string_view name) {
    return std::any_of(metrics.begin(), metrics.end(), [&](const Metric& metric) { return metric.name == name; });
  };
  for (const auto& [metric, option] : {std::pair("switch_dr", "--switch-weight"), std::pair("dros", "--shrinkage")}) {
    if (wanted(metric) && !table.given(option)) fail_usage("{} needs {}", metric, option);
    option_needs(table, option, metric, wanted(metric));
  }
  check_interval_options(table, options.evaluation.bootstrap.resamples > 0, true);
}

}  // namespace rec
