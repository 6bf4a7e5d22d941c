// Exploration, and the report of exposure.
#include "rank/options.h"

namespace rec {

void declare_explore_options(OptionTable& table, RankToolOptions& options) {
  RankRequest& request = options.request;
  table.heading(kRerankGroup);
  table
      .add("--pool", request.pool, "N",
           "How many candidates --diversify, --calibrate and --explore choose from: the best N of each user")
      .above(0);
  table.heading(kExploreGroup);
  table.parsed(
      "--explore", [&request](const std::string& text) { request.set_exploration(text); }, "HOW",
      "Try other items: epsilon=E (epsilon-greedy) or thompson; adds the column propensity");
  table.add("--counts", request.counts, "FILE", "Table of item, impressions and clicks, for --explore thompson")
      .reads();
  table.add("--draws", request.draws, "N", "Lists drawn to estimate the propensity of --explore thompson")
      .range(1, 10'000'000);
  table.add("--exposure", request.exposure, "KIND", "Report the exposure of each category of a kind of features");
  table.add("--report", options.report, "FILE", "Where --exposure writes").writes().default_text("stderr");
}

}  // namespace rec
