// rec-eval: measures rankings against held-out items, predictions against
// labels, and event logs. What is asked for by -m decides which table is read.
#include "base/error.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "score/evaluation.h"

namespace {

using namespace rec;

struct Options {
  CommonOptions common;
  EvaluationOptions evaluation;
  bool grouped = false;
  bool ungrouped = false;
  bool json = false;
  bool list_metrics = false;
};

// What every option that serves rankings only is called.
const char* const kRankingOnly[] = {"--truth",  "--per-user", "--missing", "--duplicates", "--min-value",
                                    "--binary", "--ties",     "--grouped", "--ungrouped"};

void declare_options(CLI::App& app, Options& options) {
  EvaluationOptions& evaluation = options.evaluation;
  TableSpec all_columns = ranking_spec();
  for (const TableSpec& spec : {predictions_spec(), events_spec()}) {
    for (const auto& column : spec.columns) {
      if (column.name != "user" && column.name != "item") all_columns.columns.push_back(column);
    }
  }
  app.add_option("FILE", evaluation.path,
                 "The ranking (user item [score [rank]]), predictions or events; - (default) is stdin")
      ->type_name("");
  app.add_option("--truth", evaluation.truth, "Held-out items: user item [value]; the value is the gain")
      ->type_name("FILE");
  app.add_option(
         "-m,--metrics", evaluation.metrics,
         "Metrics, comma-separated or repeated; see --list-metrics (default: " + std::string(kDefaultMetrics) + ")")
      ->type_name("LIST")
      ->allow_extra_args(false);
  app.add_option("--require", evaluation.requirements,
                 "A condition on a printed row (ndcg@10>=0.17), repeatable; exit 3 if it does not hold")
      ->type_name("COND")
      ->allow_extra_args(false);
  app.add_flag("--per-user", evaluation.per_user, "One line a user, one column a metric, in place of the means");
  app.add_flag("--json", options.json, "JSON in place of TSV");
  add_choice<Missing, Missing>(app, "--missing", evaluation.ranking.missing,
                               {{"zero", Missing::kZero}, {"skip", Missing::kSkip}},
                               "Users of the truth without a list count as zero, or are left out (default zero)");
  add_choice<Repeats, Repeats>(app, "--duplicates", evaluation.ranking.repeats,
                               {{"error", Repeats::kFail}, {"first", Repeats::kFirst}},
                               "An item that a user has twice: an error, or its better place counts (default error)");
  add_choice<Ties, Ties>(app, "--ties", evaluation.ranking.ties, {{"id", Ties::kById}, {"trec", Ties::kTrec}},
                         "Order of equal keys: by id ascending, or trec_eval's: by score alone, id descending (default id)");
  app.add_option("--min-value", evaluation.min_value, "Truth rows below V are not relevant")->type_name("V");
  app.add_flag("--binary", evaluation.binary, "Every relevant item has gain 1, whatever its value");
  app.add_flag("--list-metrics", options.list_metrics,
               "List all metrics with formula, range, tie rule and source, and exit");
  add_table_options(app, options.common, all_columns);
  add_grouping_options(app, options.grouped, options.ungrouped);
  add_common_options(app, options.common);
}

// Completes and checks the options; nothing has been read yet.
void check_options(const CLI::App& app, Options& options) {
  EvaluationOptions& evaluation = options.evaluation;
  evaluation.ranking.grouping = options.grouped     ? Grouping::kGrouped
                                : options.ungrouped ? Grouping::kUngrouped
                                                    : Grouping::kAuto;
  evaluation.side_read = options.common.side_options();
  evaluation.threads = options.common.jobs();
  const MetricKind kind = kind_of(evaluation);
  if (kind == MetricKind::kRanking) {
    if (evaluation.truth.empty())
      fail_usage("a ranking needs --truth FILE (-m auc reads predictions, -m ctr an event log)");
    if (evaluation.truth == "-" && evaluation.path == "-") fail_usage("the truth and the ranking cannot both be stdin");
    return;
  }
  for (const char* name : kRankingOnly) {
    if (app.get_option(name)->count() > 0) fail_usage("{} does not apply to {}", name, metric_kind_name(kind));
  }
}

int run(const Options& options) {
  const CommonOptions& common = options.common;
  const Report report("rec-eval", common);
  if (options.list_metrics) {
    Output out(common.output);
    write_metric_list(out);
    out.finish();
    return kExitDone;
  }
  Progress progress("rec-eval", common);
  EvaluationOptions what = options.evaluation;
  what.read = common.read_options(&progress);
  const Evaluation evaluation = evaluate(what);
  progress.clear();
  const std::vector<std::string> failed = failed_requirements(evaluation);
  Output out(common.output);
  if (options.json) {
    write_json(out, evaluation.rows, options.evaluation.per_user ? &evaluation.per_user : nullptr);
  } else if (options.evaluation.per_user) {
    write_per_user(out, evaluation.per_user, common.header != HeaderRule::kNever);
  } else {
    write_report(out, evaluation.rows, common.with_header(evaluation.header));
  }
  out.finish();
  report.bad_lines(evaluation.bad_lines, input_name(options.evaluation.path));
  report.bad_lines(evaluation.truth_bad_lines, input_name(options.evaluation.truth));
  for (const std::string& note : evaluation.notes) report.note(note);
  report.finish();
  for (const std::string& line : failed) say(fmt::format("rec-eval: {}\n", line));
  return failed.empty() ? kExitDone : kExitCondition;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return rec::run_main({"rec-eval", "Measure rankings, predictions or event logs",
                        [&options](CLI::App& app) {
                          declare_options(app, options);
                          return [&options, &app] {
                            if (!options.list_metrics) check_options(app, options);
                            return run(options);
                          };
                        }},
                       argc, argv);
}
