// The options of intervals.
#include "base/error.h"
#include "eval/options.h"

namespace rec {

void declare_interval_options(OptionTable& table, EvalOptions& options) {
  table.heading(kIntervalGroup);
  BootstrapOptions& bootstrap = options.evaluation.bootstrap;
  table
      .add("--bootstrap", bootstrap.resamples, "N",
           "Intervals from N resamples of the users, or of the rows if there is no column user; 1000 is a good number")
      .range(10, 1000000)
      .none(0);
  table.add("--confidence", bootstrap.confidence, "P", "The probability P that an interval covers the true value")
      .above(0)
      .below(1);
  table.add("--seed", bootstrap.seed, "N", "Seed of all random choices");
}

void check_interval_options(const OptionTable& table, bool draws, bool intervals) {
  const auto refuse = [&table](const char* name) {
    if (table.given(name)) fail_usage("{} does not apply without --bootstrap", name);
  };
  if (!draws) refuse("--seed");
  if (!draws && !intervals) refuse("--confidence");
}

}  // namespace rec
