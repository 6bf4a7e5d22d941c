#include "base/error.h"
#include "data/min_users.h"
#include "eval/evaluation_rows.h"

namespace rec {
namespace {

// Below this share of the rows, few of them decide the value.
constexpr double kFewEffective = 0.01;

std::vector<ReportRow> metric_rows(std::span<const Metric> metrics, const PolicyValues& values, bool has_weights) {
  std::vector<ReportRow> rows;
  for (size_t metric = 0; metric < metrics.size(); ++metric) {
    rows.push_back({.name = metrics[metric].name,
                    .value = values.values[metric],
                    .low = values.intervals[metric].low,
                    .high = values.intervals[metric].high});
  }
  if (!has_weights) return rows;
  rows.push_back({.name = "effective_sample_size", .value = values.effective_size});
  rows.push_back({.name = "mean_weight", .value = values.mean_weight});
  return rows;
}

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
  evaluation.rows = metric_rows(metrics, result.all, result.has_weights);
  add_count(evaluation, "rows", result.all.rows);
  if (result.has_users) add_count(evaluation, "users", result.all.users);
  if (!result.has_users) evaluation.notes.push_back(input_name(options.path) + ": no column user: rows are the units");
  if (result.has_weights) add_count(evaluation, "weights_clipped", result.clipped);
  LeftOut left;
  if (options.min_users > 0) {
    const std::string name = input_name(options.path);
    if (!result.has_users) fail("{}: no column user, whose ids --min-users counts", name);
    require_users(options, result.all.users);
    std::vector<uint64_t> users;
    for (const PolicyValues& rank : result.ranks) users.push_back(rank.users);
    left = groups_below(users, options.min_users);
    const std::string note = left_out_note(left, "rank", options.min_users);
    if (!note.empty()) evaluation.notes.push_back(note);
  }
  for (size_t at = 0; at < result.ranks.size(); ++at) {
    if (options.min_users > 0 && left.out[at]) continue;
    const PolicyValues& rank = result.ranks[at];
    std::vector<ReportRow> rows = metric_rows(metrics, rank, result.has_weights);
    rows.push_back({.name = "rows", .value = static_cast<double>(rank.rows), .is_count = true});
    if (result.has_users) rows.push_back({.name = "users", .value = static_cast<double>(rank.users), .is_count = true});
    evaluation.segments.push_back({std::to_string(rank.rank), std::move(rows)});
  }
  if (result.has_weights && result.all.effective_size < kFewEffective * static_cast<double>(result.all.rows)) {
    evaluation.warnings.push_back(
        fmt::format("{} rows weigh as much as {:.3g} equal ones: the target policy is too far from the logged "
                    "one for this log",
                    result.all.rows, result.all.effective_size));
  }
}

}  // namespace rec
