// The options of interleaved lists.
#include "base/error.h"
#include "eval/options.h"

namespace rec {

void declare_interleaving_options(CLI::App& app, EvalOptions& options) {
  app.add_option("--clicks", options.evaluation.interleaving.clicks,
                 "What users clicked of the interleaved lists: user item [value]")
      ->type_name("FILE")
      ->group(kInterleavingGroup);
}

void check_interleaving_options(const CLI::App& app, const EvalOptions& options) {
  check_interval_options(app, options.evaluation.bootstrap.resamples > 0, true);
  const std::string& clicks = options.evaluation.interleaving.clicks;
  if (clicks.empty()) fail_usage("interleaved lists need --clicks FILE");
  if (clicks == "-" && options.evaluation.path == "-") fail_usage("the clicks and the lists cannot both be stdin");
}

}  // namespace rec
