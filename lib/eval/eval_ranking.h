// Rankings measured against held-out items. Symbols: E evaluated users, M metrics.
#pragma once

#include <span>
#include <vector>

#include "eval/item_measures.h"
#include "eval/match_lists.h"
#include "metrics/metric_table.h"

namespace rec {

// What a user of the truth without a list counts as.
enum class Missing { kZero, kSkip };

struct RankingOptions : MatchOptions {
  Missing missing = Missing::kZero;
  std::string truth_name;  // for messages
};

// Evaluated users and what each has.
struct EvaluatedUsers {
  std::vector<uint32_t> users;  // E: numbers in the truth, ascending
  std::vector<double> values;   // E × M; NaN where a user has no value, or the metric none of users
};

struct RankingEvaluation : EvaluatedUsers {
  MatchedLists lists;
  std::vector<double> means;   // M, over the users with a value, by Aggregate; or the one value of all lists
  uint64_t users_missing = 0;  // that count, but have no list
};

// Users are averaged in byte order of their ids by a compensated sum, so the
// result depends on neither the order of the input nor the threads.
// Throws Error as match_lists(), for a ranking without rows, where no user of the ranking is one of
// the truth, and where no user is left to average.
// REQUIRES: under Ties::kExpected, metrics that have such a mean.
// items: for metrics beyond accuracy, else null; made for these metrics. observer: sees the lists in
// place of `items`, and hands them on to it; null: there is none.
RankingEvaluation evaluate_ranking(const Truth& truth, std::span<const Metric> metrics, const RankingOptions& options,
                                   ItemMeasures* items = nullptr, ListObserver* observer = nullptr);

// A truth and a ranking as tables that should meet.
MatchedTable truth_ids(const Truth& truth, const std::string& name);
MatchedTable ranking_ids(const MatchedLists& lists, const std::string& name);

// The function of a metric of hits under a tie rule.
inline RankingFunction ranking_function(const MetricInfo& info, Ties ties) {
  return ties == Ties::kExpected ? info.expected : info.ranking;
}

// What the mean of `users` values becomes by the metric's Aggregate.
double aggregate(const Metric& metric, double mean, size_t users);

// M means of E × M values, over the users with a value: NaN where none has one; infinite where a value is.
std::vector<double> means_of(std::span<const double> values, size_t metrics);

}  // namespace rec
