// Exploration, and the report of exposure.
#include "rank/options.h"

namespace rec {

void declare_explore_options(OptionTable& table, RankToolOptions& options) {
  RankRequest& request = options.request;
  table.heading(kRerankGroup);
  table
      .add("--pool", request.pool, "N",
           "How many candidates --diversify, --calibrate, --explore and --policy choose from: the best N of each user")
      .above(0);
  table.heading(kExploreGroup);
  table
      .parsed(
          "--explore", [&request](const std::string& text) { request.set_exploration(text); }, "HOW",
          "Try other items: epsilon=E (epsilon-greedy), softmax=T[,epsilon=E] or thompson; adds the column propensity")
      .excludes("--policy");
  table.parsed(
      "--policy",
      [&request](const std::string& text) {
        request.set_exploration(text, "--policy");
        request.tabulates = true;
      },
      "HOW",
      "Write with which probability --explore HOW shows each candidate at each rank: user item score rank target");
  table
      .add("--log", request.log, "FILE",
           "Write the rows of a log (user item reward propensity [rank]) with the target of --policy, for rec-eval")
      .reads()
      .needs("--policy", [&request] { return request.tabulates; });
  table
      .add("--predicted", request.predicted, "COLUMN",
           "Column of the scores with the reward that a model predicts: --log also writes predicted and expected, for "
           "dm "
           "and dr")
      .needs("--log", [&request] { return !request.log.empty(); });
  table.add("--counts", request.counts, "FILE", "Table of item, impressions and clicks, for thompson").reads();
  table.add("--draws", request.draws, "N", "Lists drawn to estimate the probabilities of thompson")
      .range(1, 10'000'000);
  table.add("--exposure", request.exposure, "KIND", "Report the exposure of each category of a kind of features");
  table
      .add("--min-users", request.min_users, "K",
           "Leave out categories of --exposure that fewer than K users have in their list, and count them")
      .at_least(1)
      .none(0)
      .needs("--exposure", [&request] { return !request.exposure.empty(); });
  table.add("--report", options.report, "FILE", "Where --exposure writes").writes().default_text("stderr");
}

}  // namespace rec
