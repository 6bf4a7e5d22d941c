// The options of predictions.
#include "eval/options.h"

namespace rec {

void check_prediction_options(const OptionTable& table, const EvalOptions& options) {
  check_interval_options(table, options.evaluation.bootstrap.resamples > 0);
}

}  // namespace rec
