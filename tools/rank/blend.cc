// Several tables of scores into one ranking.
#include "rank/options.h"

namespace rec {

void declare_blend_options(CLI::App& app, RankToolOptions& options) {
  using Method = BlendOptions::Method;
  add_choice<std::optional<Method>, Method>(
      app, "--blend", options.blend, {{"rrf", Method::kFusion}, {"round-robin", Method::kRoundRobin}},
      "One list from those of several FILEs: reciprocal rank fusion, or their best in turn")
      ->group(kBlendGroup);
  app.add_flag_callback(
         "--interleave", [&options] { options.blend = Method::kTeamDraft; },
         "Team-draft interleaving of two FILEs, A and B; adds the column team")
      ->group(kBlendGroup);
  app.add_option("--seed", options.request.seed, "Of random choices (--explore, --interleave), with each user's id")
      ->type_name("N")
      ->capture_default_str();
}

}  // namespace rec
