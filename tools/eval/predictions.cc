// The options of predictions.
#include "base/error.h"
#include "eval/options.h"

namespace rec {

void check_prediction_options(const CLI::App& app, const EvalOptions& options) {
  for (const Metric& metric : metrics_of(options.evaluation)) {
    if (options.evaluation.per_user && metric.info->by_user == nullptr)
      fail_usage("--per-user does not apply to {}, which has no value of a user", metric.name);
  }
  if (options.evaluation.per_user && options.evaluation.bootstrap.resamples > 0 && !options.json)
    fail_usage("--bootstrap with --per-user needs --json");
  check_interval_options(app, options.evaluation.bootstrap.resamples > 0);
}

}  // namespace rec
