#include "eval/compare_predictions.h"
#include "eval/evaluation_rows.h"

namespace rec {

std::span<const std::string_view> prediction_counts() {
  static constexpr std::string_view kCounts[] = {"rows", "users", "users_of_one_label"};
  return kCounts;
}

void add_prediction_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation) {
  const PredictionReading reading{
      .curves = options.curves, .per_user = options.per_user, .users = options.bootstrap.resamples > 0};
  const PredictionTable table = read_predictions(options.path, options.read, metrics, reading, options.threads);
  PredictionEvaluation result =
      evaluate_predictions(table, metrics, options.bootstrap, options.curves, options.per_user, options.threads);
  evaluation.bad_lines = table.bad_lines;
  evaluation.curves = std::move(result.curves);
  for (size_t metric = 0; metric < metrics.size(); ++metric) {
    ReportRow row{.name = metrics[metric].name, .value = result.values[metric]};
    if (!result.intervals.empty()) {
      row.low = result.intervals[metric].low;
      row.high = result.intervals[metric].high;
    }
    evaluation.rows.push_back(row);
  }
  add_count(evaluation, "rows", result.rows);
  if (result.has_by_user || result.users > 0) add_count(evaluation, "users", result.users);
  if (result.has_by_user) add_count(evaluation, "users_of_one_label", result.users_of_one_label);
  if (!options.compare.paths.empty()) {
    std::vector<PredictionTable> others;
    for (const std::string& path : options.compare.paths)
      others.push_back(read_predictions(path, options.read, metrics, reading, options.threads));
    evaluation.comparisons =
        compare_predictions(metrics, table, others, options.compare, options.bootstrap, options.threads);
    adjust_by_holm(evaluation.comparisons);
  }
  if (!options.per_user) return;
  for (const Metric& metric : metrics) evaluation.per_user.metrics.push_back(metric.name);
  evaluation.per_user.users = std::move(result.user_names);
  evaluation.per_user.values = std::move(result.user_values);
}

}  // namespace rec
