#include "eval/evaluation_rows.h"

namespace rec {

std::span<const std::string_view> prediction_counts() {
  static constexpr std::string_view kCounts[] = {"rows", "users", "users_of_one_label"};
  return kCounts;
}

void add_prediction_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation) {
  PredictionEvaluation result = evaluate_predictions(options.path, options.read, metrics, options.bootstrap,
                                                     options.curves, options.per_user, options.threads);
  evaluation.bad_lines = result.bad_lines;
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
  if (!options.per_user) return;
  for (const Metric& metric : metrics) evaluation.per_user.metrics.push_back(metric.name);
  evaluation.per_user.users = std::move(result.user_names);
  evaluation.per_user.values = std::move(result.user_values);
}

}  // namespace rec
