// The options of predictions.
#include "eval/options.h"

namespace rec {

void check_prediction_options(const CLI::App& app, const EvalOptions& options) {
  check_interval_options(app, options.evaluation.bootstrap.resamples > 0);
}

}  // namespace rec
