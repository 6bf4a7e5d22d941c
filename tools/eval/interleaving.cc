// The options of interleaved lists.
#include "base/error.h"
#include "eval/options.h"

namespace rec {

void declare_interleaving_options(OptionTable& table, EvalOptions& options) {
  table.heading(kInterleavingGroup);
  table
      .add("--clicks", options.evaluation.interleaving.clicks, "FILE",
           "The clicks on the interleaved lists: user item [value]")
      .reads();
}

void check_interleaving_options(const OptionTable& table, const EvalOptions& options) {
  check_interval_options(table, options.evaluation.bootstrap.resamples > 0, true);
  const std::string& clicks = options.evaluation.interleaving.clicks;
  if (clicks.empty()) fail_usage("interleaved lists need --clicks FILE");
  if (clicks == "-" && options.evaluation.path == "-") fail_usage("the clicks and the lists cannot both be stdin");
}

}  // namespace rec
