// The options of predictions.
#include <algorithm>

#include "base/error.h"
#include "eval/compare_predictions.h"
#include "eval/options.h"

namespace rec {

void check_prediction_options(const OptionTable& table, EvalOptions& options) {
  EvaluationOptions& evaluation = options.evaluation;
  check_comparison(table, evaluation);
  if (!evaluation.compare.paths.empty()) {
    if (evaluation.per_user) fail_usage("--per-user does not apply to --compare");
    check_comparable(metrics_of(evaluation));
    std::vector<std::string> paths = evaluation.compare.paths;
    paths.push_back(evaluation.path);
    if (std::count(paths.begin(), paths.end(), "-") > 1) fail_usage("only one of the files can be stdin");
  }
  if (options.evaluation.per_user && options.evaluation.bootstrap.resamples > 0 && !options.json)
    fail_usage("--bootstrap with --per-user needs --json");
  check_interval_options(table, options.evaluation.bootstrap.resamples > 0);
}

}  // namespace rec
