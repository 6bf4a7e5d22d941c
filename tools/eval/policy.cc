// The options of off-policy value.
#include "eval/options.h"

namespace rec {

void declare_policy_options(OptionTable& table, EvalOptions& options) {
  table.heading(kPolicyGroup);
  table
      .add("--clip", options.evaluation.policy.clip, "C",
           "Set importance weights above C to C, for less variance and more bias (default: none)")
      .above(0)
      .default_text("");
}

void check_policy_options(const OptionTable& table, const EvalOptions& options) {
  check_interval_options(table, options.evaluation.bootstrap.resamples > 0, true);
}

}  // namespace rec
