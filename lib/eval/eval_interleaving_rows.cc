#include "eval/evaluation_rows.h"

namespace rec {

std::span<const std::string_view> interleaving_counts() {
  static constexpr std::string_view kCounts[] = {"wins_a", "wins_b", "ties", "users", "clicks", "clicks_elsewhere"};
  return kCounts;
}

void add_interleaving_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation) {
  const InterleavingEvaluation found = evaluate_interleaving(options.path, options.read, options.interleaving,
                                                             options.side_read, options.bootstrap, options.threads);
  evaluation.bad_lines = found.bad_lines;
  evaluation.truth_bad_lines = found.clicks_bad_lines;
  evaluation.warnings = found.warnings;
  const InterleavingResult& result = found.result;
  for (const Metric& metric : metrics) {
    evaluation.rows.push_back(
        {.name = metric.name, .value = result.delta, .low = result.interval.low, .high = result.interval.high});
    evaluation.rows.push_back({.name = metric.name + ".p", .value = result.p});
  }
  add_count(evaluation, "wins_a", result.wins_a);
  add_count(evaluation, "wins_b", result.wins_b);
  add_count(evaluation, "ties", result.ties);
  add_count(evaluation, "users", found.users);
  add_count(evaluation, "clicks", found.clicks);
  add_count(evaluation, "clicks_elsewhere", found.clicks_elsewhere);
}

}  // namespace rec
