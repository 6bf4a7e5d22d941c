// The options of predictions.
#include "base/error.h"
#include "eval/options.h"

namespace rec {

void check_prediction_options(const OptionTable& table, const EvalOptions& options) {
  if (options.evaluation.per_user && options.evaluation.bootstrap.resamples > 0 && !options.json)
    fail_usage("--bootstrap with --per-user needs --json");
  check_interval_options(table, options.evaluation.bootstrap.resamples > 0);
}

}  // namespace rec
