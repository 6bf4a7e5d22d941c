// Several tables of scores into one ranking.
#include "rank/options.h"

namespace rec {

void declare_blend_options(OptionTable& table, RankToolOptions& options) {
  table.heading(kBlendGroup);
  using Method = BlendOptions::Method;
  table
      .one_of<std::optional<Method>, Method>(
          "--blend", options.blend, {{"rrf", Method::kFusion}, {"round-robin", Method::kRoundRobin}},
          "Make one list of those of several FILEs: by reciprocal rank fusion, or by taking turns")
      .excludes("--interleave");
  table.flag_call(
      "--interleave", [&options] { options.blend = Method::kTeamDraft; },
      "Team-draft interleaving of two FILEs, A and B; adds the column team");
  table.heading("");
  table.add("--seed", options.request.seed, "N",
            "Seed of the random choices of --explore, --policy thompson and --interleave");
}

}  // namespace rec
