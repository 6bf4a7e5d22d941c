// rec-eval: measures rankings against held-out items, predictions against
// labels, and event logs. What is asked for by -m decides which table is read.
#include <algorithm>

#include "base/error.h"
#include "cli/run_main.h"
#include "eval/comparison_report.h"
#include "eval/json_report.h"
#include "eval/options.h"

namespace {

using namespace rec;

void declare_options(OptionTable& table, EvalOptions& options) {
  EvaluationOptions& evaluation = options.evaluation;
  TableSpec all_columns = ranking_spec();
  for (const TableSpec& spec :
       {predictions_spec(), events_spec(), raw_events_spec(), policy_spec(), interleaving_spec()}) {
    for (const auto& column : spec.columns) {
      const bool known = std::any_of(all_columns.columns.begin(), all_columns.columns.end(),
                                     [&](const TableSpec::Column& other) { return other.name == column.name; });
      if (!known) all_columns.columns.push_back(column);
    }
  }
  table
      .add("FILE", options.files, "",
           "The ranking (user item [score [rank]]), predictions, events, a policy log or interleaved lists; - "
           "(default) is stdin. Several only with --learning-curves")
      .reads();
  table.add("-m,--metrics", evaluation.metrics, "LIST",
            "Metrics, comma-separated or repeated; see --list-metrics (default: " + std::string(kDefaultMetrics) +
                "; with --events " + kDefaultEventMetrics + ")");
  table.add("--require", evaluation.requirements, "COND",
            "A condition on a printed row (ndcg@10>=0.17), repeatable; exit 3 if it does not hold");
  table.flag("--json", options.json, "Write JSON instead of TSV");
  table.add("--digits", options.digits, "N", "Round to N significant digits, for people to read (default: every digit)")
      .range(1, 17)
      .default_text("");
  table.flag("--list-metrics", options.list_metrics,
             "List all metrics with formula, range, tie rule and source, and exit");
  table
      .add("--min-users", evaluation.min_users, "K",
           "Leave out segments of --by and ranks of --by-rank with fewer than K users, and count them")
      .at_least(1)
      .none(0);
  table.flag("--learning-curves", options.learning_curves,
             "FILEs are logs of rec-embed --log: write a row with the result of each, and draw the curves with --plot");
  declare_picture_options(table, options);
  declare_ranking_options(table, options);
  declare_event_options(table, options);
  declare_policy_options(table, options);
  declare_interleaving_options(table, options);
  declare_interval_options(table, options);
  table.heading("");
  add_table_options(table, options.common, all_columns, true);
  add_common_options(table, options.common);
}

// Completes and checks the options; nothing has been read yet.
void check_options(const OptionTable& table, EvalOptions& options) {
  if (options.learning_curves) return check_learning_curves(table, options);
  if (options.files.size() > 1)
    fail_usage("expected one FILE, found {}: {}; the truth of a ranking goes to --truth, other rankings to --compare",
               options.files.size(), input_names(options.files));
  if (!options.files.empty()) options.evaluation.path = options.files.front();
  options.evaluation.side_read = options.common.side_options();
  options.evaluation.threads = options.common.jobs();
  const MetricKind kind = kind_of(options.evaluation);
  refuse_options_of_other_kinds(table, kind);
  if (kind == MetricKind::kRanking) check_ranking_options(table, options);
  if (kind == MetricKind::kPrediction) check_prediction_options(table, options);
  if (kind == MetricKind::kEvent) check_event_options(table, options);
  if (kind == MetricKind::kPolicy) check_policy_options(table, options);
  if (kind == MetricKind::kInterleaving) check_interleaving_options(table, options);
  check_picture_options(kind, options);
  option_needs(table, "--min-users", "--by or --by-rank", table.given("--by") || table.given("--by-rank"));
  if (table.given("--digits") && (options.json || options.evaluation.trec_report))
    fail_usage("--digits does not apply to {}", options.json ? "--json" : "what trec_eval prints");
}

void write_table(Output& out, const EvalOptions& options, const Evaluation& evaluation) {
  ReportTable table(out, report_style(options));
  if (options.evaluation.per_user) {
    write_per_user(table, evaluation.per_user);
  } else if (!evaluation.comparisons.empty()) {
    write_comparisons(table, evaluation.comparisons, !options.evaluation.by.empty());
  } else if (!evaluation.segments.empty() || options.evaluation.min_users > 0) {
    write_segments(table, evaluation.rows, evaluation.segments);
  } else {
    write_report(table, evaluation.rows);
  }
  table.finish();
}

int run(const EvalOptions& options) {
  const CommonOptions& common = options.common;
  const Report report("rec-eval", common);
  if (options.list_metrics) {
    Output out(common.output, common.sync);
    write_metric_list(out);
    out.finish();
    return kExitDone;
  }
  if (options.learning_curves) return run_learning_curves(options);
  Progress progress("rec-eval", common);
  EvaluationOptions what = options.evaluation;
  what.read = common.read_options(&progress);
  what.read.format = options.input_format;
  report.reading(options.evaluation.path);
  const Evaluation evaluation = evaluate(what);
  progress.clear();
  const std::vector<std::string> failed = failed_requirements(evaluation);
  Output out(common.output, common.sync);
  if (options.json) {
    write_json(out, {.rows = evaluation.rows,
                     .per_user = options.evaluation.per_user ? &evaluation.per_user : nullptr,
                     .comparisons = evaluation.comparisons,
                     .segments = evaluation.segments});
  } else if (options.evaluation.trec_report) {
    const std::vector<Metric> metrics = metrics_of(options.evaluation);
    std::vector<double> means;
    for (size_t metric = 0; metric < metrics.size(); ++metric) means.push_back(evaluation.rows[metric].value);
    write_trec_report(out, metrics, means, evaluation.trec, evaluation.per_user.users, evaluation.per_user.values);
  } else {
    write_table(out, options, evaluation);
  }
  const std::vector<std::unique_ptr<Output>> pictures = write_pictures(options, evaluation);
  std::vector<Output*> outputs{&out};
  for (const auto& picture : pictures) outputs.push_back(picture.get());
  finish_all(outputs);
  report.bad_lines(evaluation.bad_lines, input_name(options.evaluation.path));
  const std::string& clicks = options.evaluation.interleaving.clicks;
  report.bad_lines(evaluation.truth_bad_lines, input_name(clicks.empty() ? options.evaluation.truth : clicks));
  for (const std::string& note : evaluation.notes) report.note(note);
  for (const std::string& warning : evaluation.warnings) report.warning(warning);
  report.finish();
  for (const std::string& line : failed) say(fmt::format("rec-eval: {}\n", escaped(line)));
  return failed.empty() ? kExitDone : kExitCondition;
}

}  // namespace

int main(int argc, char** argv) {
  EvalOptions options;
  return rec::run_main({"rec-eval", "Measure rankings, predictions or event logs",
                        [&options](Command& command) {
                          declare_options(command.options(), options);
                          command.on_run([&options, &command] {
                            if (!options.list_metrics) check_options(command.options(), options);
                            return run(options);
                          });
                        }},
                       argc, argv);
}
