#include "score/evaluation.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace rec {
namespace {

// Above this share of users, a tie across the cut may decide the result.
constexpr double kTieShare = 0.01;

// The rows behind the metrics.
std::span<const std::string_view> counts_of(MetricKind kind) {
  static constexpr std::string_view kRanking[] = {"users", "users_missing", "users_without_truth",
                                                  "users_without_relevant", "duplicates"};
  static constexpr std::string_view kPrediction[] = {"rows", "users", "users_of_one_label"};
  static constexpr std::string_view kEvent[] = {"rows", "impressions", "clicks", "conversions"};
  switch (kind) {
    case MetricKind::kRanking:
      return kRanking;
    case MetricKind::kPrediction:
      return kPrediction;
    case MetricKind::kEvent:
      return kEvent;
  }
  return {};
}

bool is_count(std::string_view name, MetricKind kind) {
  const auto names = counts_of(kind);
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_count(std::string_view name) {
  return is_count(name, MetricKind::kRanking) || is_count(name, MetricKind::kPrediction) ||
         is_count(name, MetricKind::kEvent);
}

// The metrics asked for, those of conditions behind them.
std::vector<Metric> metrics_of(const EvaluationOptions& options, std::span<const Requirement> requirements) {
  std::vector<std::string> lists = options.metrics;
  if (lists.empty()) {
    const bool other_kind = std::any_of(requirements.begin(), requirements.end(), [](const Requirement& requirement) {
      return !is_count(requirement.name) && parse_metric(requirement.name).info->kind != MetricKind::kRanking;
    });
    if (!other_kind) lists.emplace_back(kDefaultMetrics);
  }
  for (const Requirement& requirement : requirements) {
    if (!is_count(requirement.name)) lists.push_back(requirement.name);
  }
  std::vector<Metric> metrics = parse_metrics(lists);
  const MetricKind kind = metrics.front().info->kind;
  for (const Requirement& requirement : requirements) {
    if (is_count(requirement.name) && !is_count(requirement.name, kind)) {
      fail_usage("--require \"{}\": {} have no such count", requirement.text, metric_kind_name(kind));
    }
  }
  return metrics;
}

std::vector<Requirement> requirements_of(const EvaluationOptions& options) {
  std::vector<Requirement> requirements;
  for (const std::string& text : options.requirements) requirements.push_back(parse_requirement(text));
  return requirements;
}

void add_count(Evaluation& evaluation, const char* name, uint64_t count) {
  evaluation.rows.push_back({.name = name, .value = static_cast<double>(count), .is_count = true});
}

void evaluate_a_ranking(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation) {
  UserItems lists = read_user_items(options.truth, options.side_read, true, false, options.threads);
  evaluation.truth_bad_lines = lists.bad_lines;
  const TruthOptions truth_options{options.min_value, options.binary, options.ranking.repeats};
  const Truth truth = make_truth(std::move(lists), truth_options, input_name(options.truth));
  if (truth.repeats > 0) {
    evaluation.notes.push_back(fmt::format("{}: {} repeated rows ignored", input_name(options.truth), truth.repeats));
  }
  RankingOptions ranking = options.ranking;
  ranking.path = options.path;
  ranking.read = options.read;
  ranking.threads = options.threads;
  RankingEvaluation result = evaluate_ranking(truth, metrics, ranking);
  evaluation.header = result.header;
  evaluation.bad_lines = result.bad_lines;
  for (size_t metric = 0; metric < metrics.size(); ++metric) {
    evaluation.rows.push_back({.name = metrics[metric].name, .value = result.means[metric]});
  }
  add_count(evaluation, "users", result.users.size());
  add_count(evaluation, "users_missing", result.users_missing);
  add_count(evaluation, "users_without_truth", result.users_without_truth);
  add_count(evaluation, "users_without_relevant", truth.users_without_relevant);
  add_count(evaluation, "duplicates", result.duplicates);
  if (result.header && result.in_line_order) {
    evaluation.notes.push_back(input_name(options.path) + ": no column \"score\" or \"rank\": lists are in the order of the lines");
  }
  for (const RankingEvaluation::TiesAt& ties : result.ties) {
    const double share = static_cast<double>(ties.users) / static_cast<double>(result.users.size());
    if (share <= kTieShare) continue;
    evaluation.notes.push_back(
        fmt::format("warning: {:.1f} % of the users have equal scores at places {} and {}: the metrics at {} depend on "
                    "the tie rule",
                    100.0 * share, ties.k, uint64_t{ties.k} + 1, ties.k));
  }
  if (!options.per_user) return;
  for (const Metric& metric : metrics) evaluation.per_user.metrics.push_back(metric.name);
  for (const uint32_t user : result.users) evaluation.per_user.users.emplace_back(truth.users[user]);
  evaluation.per_user.values = std::move(result.values);
}

void evaluate_prediction_table(const EvaluationOptions& options, std::span<const Metric> metrics,
                               Evaluation& evaluation) {
  const PredictionEvaluation result = evaluate_predictions(options.path, options.read, metrics, options.threads);
  evaluation.header = result.header;
  evaluation.bad_lines = result.bad_lines;
  for (size_t metric = 0; metric < metrics.size(); ++metric) {
    evaluation.rows.push_back({.name = metrics[metric].name, .value = result.values[metric]});
  }
  add_count(evaluation, "rows", result.rows);
  if (result.grouped) {
    add_count(evaluation, "users", result.users);
    add_count(evaluation, "users_of_one_label", result.users_of_one_label);
  }
}

void evaluate_event_log(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation) {
  const EventEvaluation result = evaluate_events(options.path, options.read, metrics, options.threads);
  evaluation.header = result.header;
  evaluation.bad_lines = result.bad_lines;
  for (size_t metric = 0; metric < metrics.size(); ++metric) {
    const Proportion& value = result.values[metric];
    evaluation.rows.push_back(
        {.name = metrics[metric].name, .value = value.value, .low = value.low, .high = value.high});
  }
  add_count(evaluation, "rows", result.rows);
  add_count(evaluation, "impressions", result.counts.impressions);
  add_count(evaluation, "clicks", result.counts.clicks);
  if (result.has_conversions) add_count(evaluation, "conversions", result.counts.conversions);
}

}  // namespace

MetricKind kind_of(const EvaluationOptions& options) {
  return metrics_of(options, requirements_of(options)).front().info->kind;
}

Evaluation evaluate(const EvaluationOptions& options) {
  Evaluation evaluation;
  evaluation.requirements = requirements_of(options);
  const std::vector<Metric> metrics = metrics_of(options, evaluation.requirements);
  switch (metrics.front().info->kind) {
    case MetricKind::kRanking:
      evaluate_a_ranking(options, metrics, evaluation);
      break;
    case MetricKind::kPrediction:
      evaluate_prediction_table(options, metrics, evaluation);
      break;
    case MetricKind::kEvent:
      evaluate_event_log(options, metrics, evaluation);
      break;
  }
  for (const ReportRow& row : evaluation.rows) {
    if (std::isnan(row.value))
      evaluation.notes.push_back(fmt::format("warning: {} is undefined for this input", row.name));
  }
  return evaluation;
}

std::vector<std::string> failed_requirements(const Evaluation& evaluation) {
  return failed_requirements(evaluation.requirements, evaluation.rows);
}

}  // namespace rec
