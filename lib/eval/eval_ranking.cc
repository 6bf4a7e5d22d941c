#include "eval/eval_ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "io/fd.h"
#include "metrics/compensated_sum.h"
#include "metrics/scaling.h"

namespace rec {
namespace {

std::vector<uint32_t> cuts_of(std::span<const Metric> metrics) {
  std::vector<uint32_t> cuts;
  for (const Metric& metric : metrics) {
    if (metric.cut() != kWholeList) cuts.push_back(metric.cut());
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  return cuts;
}

// Zeros for everyone would pass for a result.
void check_users(const Truth& truth, const MatchedLists& lists, const RankingOptions& options) {
  const std::string name = input_name(options.path);
  if (lists.users.size() == 0 && !lists.users.met())
    fail("{}: no rows to measure, the ranking is empty; look at the command that wrote it", name);
  const std::string text =
      unmet(IdKind::kUser, ranking_ids(lists, name), truth_ids(truth, input_name(options.truth_name)));
  if (!text.empty()) fail("{}", text);
}

}  // namespace

MatchedTable truth_ids(const Truth& truth, const std::string& name) {
  return {.name = name, .users = {&truth.users}, .items = {&truth.items}};
}

MatchedTable ranking_ids(const MatchedLists& lists, const std::string& name) {
  return {.name = name, .users = lists.users.column(), .items = lists.items.column()};
}

std::vector<double> means_of(std::span<const double> values, size_t metrics) {
  std::vector<double> means;
  for (size_t metric = 0; metric < metrics; ++metric) {
    double largest = 0.0;
    for (size_t at = metric; at < values.size(); at += metrics) {
      if (std::fabs(values[at]) > largest) largest = std::fabs(values[at]);
    }
    if (std::isinf(largest)) {
      means.push_back(largest);
      continue;
    }
    const int exponent = scaling_exponent(largest);
    CompensatedSum sum;
    size_t count = 0;
    for (size_t at = metric; at < values.size(); at += metrics) {
      if (std::isnan(values[at])) continue;
      sum.add(scaled_down(values[at], exponent));
      ++count;
    }
    means.push_back(scaled_up(sum.value() / static_cast<double>(count), exponent));
  }
  return means;
}

double aggregate(const Metric& metric, double mean, size_t users) {
  switch (metric.info->aggregate) {
    case Aggregate::kMean:
      return mean;
    case Aggregate::kGeometric:
      return std::exp(mean);
    case Aggregate::kSum:
      return std::round(mean * static_cast<double>(users));
  }
  return mean;
}

RankingEvaluation evaluate_ranking(const Truth& truth, std::span<const Metric> metrics, const RankingOptions& options,
                                   ItemMeasures* items, ListObserver* observer) {
  RankingEvaluation evaluation;
  evaluation.lists = match_lists(truth, cuts_of(metrics), options, observer != nullptr ? observer : items);
  check_users(truth, evaluation.lists, options);
  for (uint32_t user = 0; user < truth.users.size(); ++user) {
    if (!options.all_users && truth.relevant(user) == 0) continue;
    const bool missing = !evaluation.lists.has_list(user);
    evaluation.users_missing += missing ? 1 : 0;
    if (!missing || options.missing == Missing::kZero) evaluation.users.push_back(user);
  }
  if (evaluation.users.empty()) {
    fail("no user to evaluate: {}",
         truth.item.empty() ? "nothing in the truth is relevant" : "no user of the truth is in the ranking");
  }

  evaluation.values.resize(evaluation.users.size() * metrics.size());
  constexpr size_t kBlock = 1024;
  const size_t blocks = (evaluation.users.size() + kBlock - 1) / kBlock;
  parallel_for(blocks, options.threads, [&](size_t block, int) {
    const size_t end = std::min(evaluation.users.size(), (block + 1) * kBlock);
    for (size_t at = block * kBlock; at < end; ++at) {
      const uint32_t user = evaluation.users[at];
      const RankedList list = evaluation.lists.list_of(truth, user);
      for (size_t metric = 0; metric < metrics.size(); ++metric) {
        double& value = evaluation.values[at * metrics.size() + metric];
        const MetricInfo& info = *metrics[metric].info;
        if (info.ranking != nullptr && !info.judged && truth.relevant(user) == 0) {
          value = 0.0;
        } else if (info.ranking != nullptr) {
          value = ranking_function(info, options.ties)(list, metrics[metric].parameter);
        } else if (info.items != nullptr) {
          value =
              evaluation.lists.has_list(user) ? items->value(user, metric) : items->value_without_list(user, metric);
        } else {
          value = std::numeric_limits<double>::quiet_NaN();
        }
      }
    }
  });
  evaluation.means = means_of(evaluation.values, metrics.size());
  for (size_t metric = 0; metric < metrics.size(); ++metric) {
    evaluation.means[metric] = metrics[metric].info->exposure != nullptr
                                   ? items->aggregate(metric)
                                   : aggregate(metrics[metric], evaluation.means[metric], evaluation.users.size());
  }
  return evaluation;
}

}  // namespace rec
