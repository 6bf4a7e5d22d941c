#include "eval/evaluation_rows.h"

namespace rec {
namespace {

// Below this share of the rows, few of them decide the value.
constexpr double kFewEffective = 0.01;

}  // namespace

std::span<const std::string_view> policy_counts() {
  static constexpr std::string_view kCounts[] = {"effective_sample_size", "mean_weight", "rows", "users",
                                                 "weights_clipped"};
  return kCounts;
}

void add_policy_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation) {
  const PolicyEvaluation result =
      evaluate_policy(options.path, options.read, metrics, options.policy, options.bootstrap, options.threads);
  evaluation.bad_lines = result.bad_lines;
  for (size_t metric = 0; metric < metrics.size(); ++metric) {
    evaluation.rows.push_back({.name = metrics[metric].name,
                               .value = result.values[metric],
                               .low = result.intervals[metric].low,
                               .high = result.intervals[metric].high});
  }
  evaluation.rows.push_back({.name = "effective_sample_size", .value = result.effective_size});
  evaluation.rows.push_back({.name = "mean_weight", .value = result.mean_weight});
  add_count(evaluation, "rows", result.rows);
  if (result.has_users) add_count(evaluation, "users", result.users);
  if (!result.has_users) evaluation.notes.push_back(input_name(options.path) + ": no column user: rows are the units");
  add_count(evaluation, "weights_clipped", result.clipped);
  if (result.effective_size < kFewEffective * static_cast<double>(result.rows)) {
    evaluation.warnings.push_back(
        fmt::format("{} rows weigh as much as {:.3g} equal ones: the target policy is too far from the logged "
                    "one for this log",
                    result.rows, result.effective_size));
  }
}

}  // namespace rec
