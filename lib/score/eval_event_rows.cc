#include "score/evaluation_rows.h"

namespace rec {

std::span<const std::string_view> event_counts() {
  static constexpr std::string_view kCounts[] = {"rows", "impressions", "clicks", "conversions"};
  return kCounts;
}

void add_event_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation) {
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

}  // namespace rec
