#include "eval/evaluate.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "eval/evaluation_rows.h"
#include "metrics/trec_measures.h"

namespace rec {
namespace {

std::span<const std::string_view> counts_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::kRanking:
      return ranking_counts();
    case MetricKind::kPrediction:
      return prediction_counts();
    case MetricKind::kEvent:
      return event_counts();
    case MetricKind::kPolicy:
      return policy_counts();
    case MetricKind::kInterleaving:
      return interleaving_counts();
  }
  return {};
}

// What a row is about: the metric or count before a part ("ctr.p") or a variant
// ("ctr[b]").
std::string_view subject_of(std::string_view row) {
  if (find_trec_measure(row)) return row;  // "iprec_at_recall_0.10" has a point of its own
  return row.substr(0, row.find_first_of(".["));
}

bool is_count(std::string_view row, MetricKind kind) {
  const std::string_view name = subject_of(row);
  const auto names = counts_of(kind);
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_count(std::string_view name) {
  return is_count(name, MetricKind::kRanking) || is_count(name, MetricKind::kPrediction) ||
         is_count(name, MetricKind::kEvent) || is_count(name, MetricKind::kPolicy) ||
         is_count(name, MetricKind::kInterleaving);
}

// The metrics asked for, those of conditions behind them.
std::vector<Metric> metrics_of(const EvaluationOptions& options, std::span<const Requirement> requirements) {
  std::vector<std::string> lists = options.metrics;
  if (lists.empty()) {
    const bool other_kind = std::any_of(requirements.begin(), requirements.end(), [](const Requirement& requirement) {
      return !is_count(requirement.name) &&
             parse_metric(subject_of(requirement.name)).info->kind != MetricKind::kRanking;
    });
    if (!other_kind) lists.emplace_back(options.raw_events ? kDefaultEventMetrics : kDefaultMetrics);
  }
  for (const Requirement& requirement : requirements) {
    if (!is_count(requirement.name)) lists.emplace_back(subject_of(requirement.name));
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

// The one place where values beyond the range of double end: that of a metric is an
// error, that of a row beside it and an end of an interval become undefined, and a note
// says so. Below here every value is finite, or NaN for "undefined".
void check_finite(std::span<const Metric> metrics, Evaluation& evaluation) {
  const auto fail_beyond = [](std::string_view name) {
    fail("{} is beyond the range of double-precision numbers for this input", printable(name));
  };
  const auto note_beyond = [&evaluation](std::string_view name, const char* what) {
    evaluation.notes.push_back(
        fmt::format("{}{} is beyond the range of double-precision numbers", what, printable(name)));
  };
  const auto check = [&](ReportRow& row) {
    if (std::isinf(row.value)) {
      for (const Metric& metric : metrics) {
        if (row.name == metric.name || row.name.starts_with(metric.name + '[')) fail_beyond(row.name);
      }
      note_beyond(row.name, "");
      row.value = std::nan("");
    }
    for (std::optional<double>* end : {&row.low, &row.high}) {
      if (!*end || !std::isinf(**end)) continue;
      note_beyond(row.name, "an end of the interval of ");
      *end = std::nan("");
    }
  };
  for (ReportRow& row : evaluation.rows) check(row);
  for (SegmentRows& segment : evaluation.segments) {
    for (ReportRow& row : segment.rows) check(row);
  }
  for (size_t at = 0; at < evaluation.per_user.values.size(); ++at) {
    if (std::isinf(evaluation.per_user.values[at]))
      fail_beyond(evaluation.per_user.metrics[at % evaluation.per_user.metrics.size()]);
  }
  for (Comparison& comparison : evaluation.comparisons) {
    if (std::isinf(comparison.baseline) || std::isinf(comparison.value) || std::isinf(comparison.difference))
      fail_beyond(comparison.metric);
    for (double* value : {&comparison.relative, &comparison.interval.low, &comparison.interval.high}) {
      if (std::isinf(*value)) *value = std::nan("");
    }
  }
  if (evaluation.curves) {
    for (const CalibrationBin& bin : evaluation.curves->calibration) {
      if (std::isinf(bin.weight)) fail_beyond("the weight of a bin of the calibration curve");
    }
  }
}

std::vector<Requirement> requirements_of(const EvaluationOptions& options) {
  std::vector<Requirement> requirements;
  for (const std::string& text : options.requirements) requirements.push_back(parse_requirement(text));
  return requirements;
}

}  // namespace

std::vector<Metric> metrics_of(const EvaluationOptions& options) {
  return metrics_of(options, requirements_of(options));
}

MetricKind kind_of(const EvaluationOptions& options) { return metrics_of(options).front().info->kind; }

Evaluation evaluate(const EvaluationOptions& options) {
  Evaluation evaluation;
  evaluation.requirements = requirements_of(options);
  const std::vector<Metric> metrics = metrics_of(options, evaluation.requirements);
  switch (metrics.front().info->kind) {
    case MetricKind::kRanking:
      add_ranking_rows(options, metrics, evaluation);
      break;
    case MetricKind::kPrediction:
      add_prediction_rows(options, metrics, evaluation);
      break;
    case MetricKind::kEvent:
      add_event_rows(options, metrics, evaluation);
      break;
    case MetricKind::kPolicy:
      add_policy_rows(options, metrics, evaluation);
      break;
    case MetricKind::kInterleaving:
      add_interleaving_rows(options, metrics, evaluation);
      break;
  }
  check_finite(metrics, evaluation);
  for (const ReportRow& row : evaluation.rows) {
    if (std::isnan(row.value)) evaluation.notes.push_back(fmt::format("{} is undefined for this input", row.name));
  }
  return evaluation;
}

void add_count(Evaluation& evaluation, std::string name, uint64_t count) {
  evaluation.rows.push_back({.name = std::move(name), .value = static_cast<double>(count), .is_count = true});
}

void require_users(const EvaluationOptions& options, uint64_t users) {
  if (users < options.min_users) {
    fail("{}: {} user{}, fewer than the {} of --min-users: nothing is written", input_name(options.path), users,
         users == 1 ? "" : "s", options.min_users);
  }
}

std::vector<std::string> failed_requirements(const Evaluation& evaluation) {
  return failed_requirements(evaluation.requirements,
                             rows_to_require(evaluation.rows, evaluation.segments, evaluation.comparisons));
}

}  // namespace rec
