// The options of rankings.
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
  app.add_option("--items", evaluation.items,
                 "The catalogue, for coverage, gini, entropy: item (default: that of --train)")
      ->type_name("FILE")
      ->group(kRankingGroup);
  app.add_option("--train", evaluation.train,
                 "Training interactions, for novelty, arp, pop_lift, serendipity, and as the catalogue")
      ->type_name("FILE")
      ->group(kRankingGroup);
  app.add_option("--features", evaluation.features, "Features of items, for diversity: item feature [value]")
      ->type_name("FILE")
      ->group(kRankingGroup);
  app.add_option("--by", evaluation.by,
                 "Each metric by segment as well: a column of a table of users or items, whose header names it")
      ->type_name("FILE:COLUMN")
      ->group(kRankingGroup);
  app.add_option("--compare", evaluation.compare.paths,
                 "Compare with this ranking, repeatable: differences, intervals, paired tests; FILE is the baseline")
      ->type_name("OTHER")
      ->allow_extra_args(false)
      ->group(kRankingGroup);
  app.add_option("--permutations", evaluation.compare.permutations,
                 "Draws of the permutation test of --compare (default 10000)")
      ->type_name("N")
      ->check(CLI::Range(100, 10000000))
      ->group(kRankingGroup);
  add_choice<Missing, Missing>(app, "--missing", ranking.missing, {{"zero", Missing::kZero}, {"skip", Missing::kSkip}},
                               "Users of the truth without a list count as zero, or are left out (default zero)")
      ->group(kRankingGroup);
  add_choice<bool, bool>(app, "--without-relevant", ranking.all_users, {{"zero", true}, {"skip", false}},
                         "Users whose truth has nothing relevant count as zero, or are left out (default skip; with "
                         "--format trec zero, as in trec_eval)")
      ->group(kRankingGroup);
  add_choice<Repeats, Repeats>(app, "--duplicates", ranking.repeats,
                               {{"error", Repeats::kFail}, {"first", Repeats::kFirst}},
                               "An item that a user has twice: an error, or its better place counts (default error)")
      ->group(kRankingGroup);
  add_choice<Ties, Ties>(app, "--ties", ranking.ties,
                         {{"id", Ties::kById}, {"trec", Ties::kTrec}, {"expected", Ties::kExpected}},
                         "Order of equal keys: by id ascending; trec_eval's: by score alone, id descending; or the "
                         "mean over all orders (default id, with --format trec that)")
      ->group(kRankingGroup);
  add_choice<bool, bool>(app, "--format", options.trec, {{"tsv", false}, {"trec", true}},
                         "Of the ranking and the truth: tables, or TREC run and qrels files (default tsv)")
      ->group(kRankingGroup);
  app.add_flag("--per-user", evaluation.per_user,
               "One line a user, one column a metric, in place of the means (rankings; auc, gauc, group_auc, fcp)");
  add_grouping_options(app, options.grouped, options.ungrouped);
  for (const char* name : {"--grouped", "--ungrouped"}) app.get_option(name)->group(kRankingGroup);
}

}  // namespace rec
