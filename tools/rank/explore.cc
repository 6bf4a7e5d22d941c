// Exploration, and the report of exposure.
#include "rank/options.h"

namespace rec {

void declare_explore_options(CLI::App& app, RankToolOptions& options) {
  RankRequest& request = options.request;
  app.add_option("--pool", request.pool,
                 "Each user's best N candidates are what --diversify, --calibrate and --explore choose from")
      ->type_name("N")
      ->check(above_zero())
      ->capture_default_str()
      ->group(kRerankGroup);
  app.add_option_function<std::string>(
         "--explore", [&request](const std::string& text) { request.set_exploration(text); },
         "Try other items: epsilon=E (epsilon-greedy) or thompson; adds the column propensity")
      ->type_name("HOW")
      ->group(kExploreGroup);
  app.add_option("--counts", request.counts, "item impressions clicks, for --explore thompson")
      ->type_name("FILE")
      ->group(kExploreGroup);
  app.add_option("--draws", request.draws, "Drawings that estimate the propensity of --explore thompson")
      ->type_name("N")
      ->check(above_zero())
      ->capture_default_str()
      ->group(kExploreGroup);
  app.add_option("--exposure", request.exposure, "Report the exposure of each category of a kind of features")
      ->type_name("KIND")
      ->group(kExploreGroup);
  app.add_option("--report", options.report, "Where --exposure writes (default stderr)")
      ->type_name("FILE")
      ->group(kExploreGroup);
}

}  // namespace rec
