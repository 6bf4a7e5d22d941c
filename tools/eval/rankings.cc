// The options of rankings.
#include "base/error.h"
#include "eval/options.h"

namespace rec {

void declare_ranking_options(CLI::App& app, EvalOptions& options) {
  EvaluationOptions& evaluation = options.evaluation;
  RankingOptions& ranking = evaluation.ranking;
  app.add_option("--truth", evaluation.truth, "Held-out items: user item [value]; the value is the gain")
      ->type_name("FILE")
      ->group(kRankingGroup);
  app.add_option("--min-value", evaluation.min_value, "Truth rows below V are not relevant")
      ->type_name("V")
      ->group(kRankingGroup);
  app.add_flag("--binary", evaluation.binary, "Every relevant item has gain 1, whatever its value")
      ->group(kRankingGroup);
  add_choice<Missing, Missing>(app, "--missing", ranking.missing, {{"zero", Missing::kZero}, {"skip", Missing::kSkip}},
                               "Users of the truth without a list count as zero, or are left out (default zero)")
      ->group(kRankingGroup);
  add_choice<Repeats, Repeats>(app, "--duplicates", ranking.repeats,
                               {{"error", Repeats::kFail}, {"first", Repeats::kFirst}},
                               "An item that a user has twice: an error, or its better place counts (default error)")
      ->group(kRankingGroup);
  add_choice<Ties, Ties>(app, "--ties", ranking.ties, {{"id", Ties::kById}, {"trec", Ties::kTrec}},
                         "Order of equal keys: by id ascending, or trec_eval's: by score alone, id descending (default id)")
      ->group(kRankingGroup);
  app.add_flag("--per-user", evaluation.per_user, "One line a user, one column a metric, in place of the means")
      ->group(kRankingGroup);
  add_grouping_options(app, options.grouped, options.ungrouped);
  for (const char* name : {"--grouped", "--ungrouped"}) app.get_option(name)->group(kRankingGroup);
}

void check_ranking_options(const CLI::App& app, EvalOptions& options) {
  EvaluationOptions& evaluation = options.evaluation;
  evaluation.ranking.grouping = options.grouped     ? Grouping::kGrouped
                                : options.ungrouped ? Grouping::kUngrouped
                                                    : Grouping::kAuto;
  if (evaluation.truth.empty())
    fail_usage("a ranking needs --truth FILE (-m auc reads predictions, -m ctr an event log)");
  if (evaluation.truth == "-" && evaluation.path == "-") fail_usage("the truth and the ranking cannot both be stdin");
  const bool intervals = evaluation.bootstrap.resamples > 0;
  check_interval_options(app, intervals);
  if (intervals && evaluation.per_user && !options.json) fail_usage("--bootstrap with --per-user needs --json");
}

}  // namespace rec
