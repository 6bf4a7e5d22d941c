// Several tables of scores into one ranking.
#include "rank/options.h"

namespace rec {

void declare_blend_options(OptionTable& table, RankToolOptions& options) {
  table.heading(kBlendGroup);
  using Method = BlendOptions::Method;
  table.one_of<std::optional<Method>, Method>(
      "--blend", options.blend, {{"rrf", Method::kFusion}, {"round-robin", Method::kRoundRobin}},
      "One list from those of several FILEs: reciprocal rank fusion, or their best in turn");
  table.flag_call(
      "--interleave", [&options] { options.blend = Method::kTeamDraft; },
      "Team-draft interleaving of two FILEs, A and B; adds the column team");
  table.heading("");
  table.add("--seed", options.request.seed, "N", "Of random choices (--explore, --interleave), with each user's id");
}

}  // namespace rec
