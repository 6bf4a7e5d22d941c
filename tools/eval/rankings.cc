// The options of rankings.
#include "eval/options.h"

namespace rec {

void declare_ranking_options(OptionTable& table, EvalOptions& options) {
  table.heading(kRankingGroup);
  EvaluationOptions& evaluation = options.evaluation;
  RankingOptions& ranking = evaluation.ranking;
  table.add("--truth", evaluation.truth, "FILE", "Held-out items: user item [value]; the value is the gain").reads();
  table.add("--truth-columns", evaluation.truth_columns, "MAP", "The --columns of --truth alone, by name or position")
      .needs("--truth", [&evaluation] { return !evaluation.truth.empty(); });
  table.add("--min-value", evaluation.min_value, "V", "Truth rows below V are not relevant");
  table.flag("--binary", evaluation.binary, "Every relevant item has gain 1, whatever its value");
  table
      .add("--items", evaluation.items, "FILE",
           "The catalogue, for coverage, gini, entropy: item (default: that of --train)")
      .reads();
  table
      .add("--train", evaluation.train, "FILE",
           "Training interactions, for novelty, arp, pop_lift, serendipity, and as the catalogue; also reports how "
           "much of them is in the truth and in the lists")
      .reads();
  table.add("--features", evaluation.features, "FILE", "Features of items, for diversity: item feature [value]")
      .reads();
  table
      .add("--by", evaluation.by, "FILE:COLUMN",
           "Write each metric by segment as well; the segments are in COLUMN of FILE, a table of users or of items")
      .reads(':');
  table.one_of<Missing, Missing>("--missing", ranking.missing, {{"zero", Missing::kZero}, {"skip", Missing::kSkip}},
                                 "Users of the truth without a list count as zero, or are left out");
  table
      .one_of<bool, bool>("--without-relevant", ranking.all_users, {{"zero", true}, {"skip", false}},
                          "Users whose truth has nothing relevant count as zero, or are left out")
      .default_text("skip; with --format trec zero, as in trec_eval");
  table.one_of<Repeats, Repeats>("--duplicates", ranking.repeats,
                                 {{"error", Repeats::kFail}, {"first", Repeats::kFirst}},
                                 "An item that a user has twice: an error, or its better rank counts");
  table
      .one_of<Ties, Ties>("--ties", ranking.ties,
                          {{"id", Ties::kById}, {"trec", Ties::kTrec}, {"expected", Ties::kExpected}},
                          "Order of equal keys: id, ascending; trec, as trec_eval: by score alone, id descending; "
                          "expected, the mean over all orders")
      .default_text("id; with --format trec that");
  table.one_of<bool, bool>("--format", options.trec, {{"tsv", false}, {"trec", true}},
                           "Format of the ranking and the truth: tables, or TREC run and qrels files");
  table.heading("");
  table
      .add("--compare", evaluation.compare.paths, "OTHER",
           "Compare with this ranking, or with these predictions, repeatable: differences, intervals, paired tests; "
           "FILE "
           "is the baseline")
      .reads();
  table.add("--permutations", evaluation.compare.permutations, "N", "Draws of the permutation test of --compare")
      .range(100, 10000000);
  table.flag("--per-user", evaluation.per_user,
             "Write a line for each user and a column for each metric, instead of the means (rankings; auc, gauc, "
             "group_auc, fcp)");
  table.heading(kRankingGroup);
  add_grouping_options(table, options.grouped, options.ungrouped);
}

}  // namespace rec
