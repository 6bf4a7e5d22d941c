#include "metrics/mean_bootstrap.h"
#include "score/evaluation_rows.h"

namespace rec {
namespace {

// Above this share of users, a tie across the cut may decide the result.
constexpr double kTieShare = 0.01;

}  // namespace

std::span<const std::string_view> ranking_counts() {
  static constexpr std::string_view kCounts[] = {"users", "users_missing", "users_without_truth", "users_without_relevant",
                                                 "duplicates"};
  return kCounts;
}

void add_ranking_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation) {
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
  std::vector<Interval> intervals;
  if (options.bootstrap.resamples > 0) {
    intervals = bootstrap_means(result.values, metrics.size(), options.bootstrap, options.threads);
  }
  for (size_t metric = 0; metric < metrics.size(); ++metric) {
    ReportRow row{.name = metrics[metric].name, .value = result.means[metric]};
    if (!intervals.empty()) {
      row.low = intervals[metric].low;
      row.high = intervals[metric].high;
    }
    evaluation.rows.push_back(std::move(row));
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

}  // namespace rec
