// The options of off-policy value.
#include "eval/options.h"

namespace rec {

void declare_policy_options(CLI::App& app, EvalOptions& options) {
  app.add_option("--clip", options.evaluation.policy.clip,
                 "Importance weights above C count as C: less variance, more bias (default: none)")
      ->type_name("C")
      ->check(above_zero())
      ->group(kPolicyGroup);
}

void check_policy_options(const CLI::App& app, const EvalOptions& options) {
  check_interval_options(app, options.evaluation.bootstrap.resamples > 0, true);
}

}  // namespace rec
