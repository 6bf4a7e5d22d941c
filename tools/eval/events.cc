// The options of event logs.
#include "eval/options.h"

namespace rec {

void declare_event_options(CLI::App& app, EvalOptions& options) {
  ExperimentOptions& experiment = options.evaluation.experiment;
  app.add_flag("--ab", experiment.ab, "The events have variants; without a header, in the third column")
      ->group(kEventGroup);
  app.add_option("--control", experiment.control,
                 "The variant that others are compared with (default: the first in byte order)")
      ->type_name("NAME")
      ->group(kEventGroup);
  app.add_option("--expected-split", experiment.expected_split,
                 "How users should be split among the variants: a=1,b=1 (default: equally)")
      ->type_name("SPLIT")
      ->group(kEventGroup);
}

void check_event_options(const CLI::App& app, const EvalOptions& options) {
  check_interval_options(app, options.evaluation.bootstrap.resamples > 0, true);
  const std::string& split = options.evaluation.experiment.expected_split;
  if (!split.empty()) parse_split(split);
}

}  // namespace rec
