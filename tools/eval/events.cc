// The options of event logs.
#include "eval/options.h"

namespace rec {

void declare_event_options(OptionTable& table, EvalOptions& options) {
  table.heading(kEventGroup);
  ExperimentOptions& experiment = options.evaluation.experiment;
  table.flag("--ab", experiment.ab, "The events have variants: in the third column, if there is no header");
  table.add("--control", experiment.control, "NAME",
            "The variant that others are compared with (default: the first in byte order)");
  table.add("--expected-split", experiment.expected_split, "SPLIT",
            "How users should be split among the variants: a=1,b=1 (default: equally)");
}

void check_event_options(const OptionTable& table, const EvalOptions& options) {
  check_interval_options(table, options.evaluation.bootstrap.resamples > 0, true);
  const std::string& split = options.evaluation.experiment.expected_split;
  if (!split.empty()) parse_split(split);
}

}  // namespace rec
