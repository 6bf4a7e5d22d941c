// The options of intervals.
#include "base/error.h"
#include "eval/options.h"
#include "io/number.h"

namespace rec {

void declare_interval_options(CLI::App& app, EvalOptions& options) {
  BootstrapOptions& bootstrap = options.evaluation.bootstrap;
  app.add_option("--bootstrap", bootstrap.resamples,
                 "Intervals from N resamples of the users, or of rows without users; 1000 is a good number")
      ->type_name("N")
      ->check(CLI::Range(10, 1000000))
      ->group(kIntervalGroup);
  app.add_option("--confidence", bootstrap.confidence, "The chance P that an interval covers (default 0.95)")
      ->type_name("P")
      ->check(CLI::Validator(
          [](const std::string& text) {
            const auto share = parse_number<double>(text);
            return share && *share > 0 && *share < 1
                       ? std::string()
                       : "expected a number between 0 and 1, found \"" + printable(text) + "\"";
          },
          ""))
      ->group(kIntervalGroup);
  app.add_option("--seed", bootstrap.seed, "Of everything that is drawn (default 1)")
      ->type_name("N")
      ->group(kIntervalGroup);
}

void check_interval_options(const CLI::App& app, bool draws, bool intervals) {
  const auto refuse = [&app](const char* name) {
    if (app.get_option(name)->count() > 0) fail_usage("{} does not apply without --bootstrap", name);
  };
  if (!draws) refuse("--seed");
  if (!draws && !intervals) refuse("--confidence");
}

}  // namespace rec
