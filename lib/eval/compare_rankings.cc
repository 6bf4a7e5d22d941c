#include "eval/compare_rankings.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/error.h"
#include "metrics/holm.h"
#include "metrics/mean_bootstrap.h"
#include "metrics/paired_tests.h"
#include "metrics/scaling.h"

namespace rec {
namespace {

std::vector<uint32_t> common_users(const EvaluatedUsers& baseline, std::span<const EvaluatedUsers* const> others) {
  std::vector<uint32_t> common = baseline.users;
  for (const EvaluatedUsers* other : others) {
    std::vector<uint32_t> both;
    std::set_intersection(common.begin(), common.end(), other->users.begin(), other->users.end(),
                          std::back_inserter(both));
    common = std::move(both);
  }
  return common;
}

// The values of `users`, which are some of the evaluation's: their number × M.
std::vector<double> values_of(const EvaluatedUsers& evaluation, std::span<const uint32_t> users, size_t metrics) {
  std::vector<double> values;
  values.reserve(users.size() * metrics);
  size_t at = 0;
  for (const uint32_t user : users) {
    while (evaluation.users[at] != user) ++at;
    const auto row = evaluation.values.begin() + static_cast<ptrdiff_t>(at * metrics);
    values.insert(values.end(), row, row + static_cast<ptrdiff_t>(metrics));
  }
  return values;
}

// A user's value beyond the range of double is not one of a user without a value, which is left out.
void check_range(std::span<const double> values, std::span<const Metric> metrics) {
  const auto beyond = std::find_if(values.begin(), values.end(), [](double value) { return std::isinf(value); });
  if (beyond == values.end()) return;
  const std::string& name = metrics[static_cast<size_t>(beyond - values.begin()) % metrics.size()].name;
  fail("{} of a user is beyond the range of double-precision numbers", name);
}

// Divides each column by a power of two, 2^its exponent, where its numbers are near the ends of the range of double:
// signs, ranks and ratios stay, and no sum or square of them overflows.
std::vector<int> scale_down(std::span<double> matrix, size_t columns) {
  std::vector<double> largest(columns, 0.0);
  for (size_t at = 0; at < matrix.size(); ++at) {
    if (std::fabs(matrix[at]) > largest[at % columns]) largest[at % columns] = std::fabs(matrix[at]);
  }
  std::vector<int> exponents;
  for (const double size : largest) exponents.push_back(scaling_exponent(size));
  if (std::all_of(exponents.begin(), exponents.end(), [](int exponent) { return exponent == 0; })) return exponents;
  for (size_t at = 0; at < matrix.size(); ++at) matrix[at] = scaled_down(matrix[at], exponents[at % columns]);
  return exponents;
}

void adjust(std::span<Comparison> comparisons, double PValues::*test) {
  std::vector<double> p;
  for (const Comparison& comparison : comparisons) p.push_back(comparison.p.*test);
  const std::vector<double> adjusted = holm(p);
  for (size_t at = 0; at < comparisons.size(); ++at) comparisons[at].holm.*test = adjusted[at];
}

}  // namespace

std::vector<Comparison> compare_rankings(std::span<const Metric> metrics, const EvaluatedUsers& baseline,
                                         std::span<const EvaluatedUsers* const> others, const CompareOptions& options,
                                         const BootstrapOptions& bootstrap, int threads) {
  const std::vector<uint32_t> users = common_users(baseline, others);
  if (users.empty()) return {};
  const std::vector<double> base = values_of(baseline, users, metrics.size());
  check_range(base, metrics);
  // Column metric · C + ranking of the matrix of all differences.
  const size_t columns = metrics.size() * others.size();
  std::vector<double> differences(users.size() * columns);
  std::vector<Comparison> comparisons(columns);
  for (size_t ranking = 0; ranking < others.size(); ++ranking) {
    const std::vector<double> values = values_of(*others[ranking], users, metrics.size());
    check_range(values, metrics);
    std::vector<double> paired_base(values.size());
    std::vector<double> paired(values.size());
    for (size_t at = 0; at < values.size(); ++at) {
      double difference = values[at] - base[at];
      if (std::fabs(difference) <= kEqualDifferences * std::max(std::fabs(values[at]), std::fabs(base[at])))
        difference = 0.0;
      const bool gap = std::isnan(difference);
      paired_base[at] = gap ? difference : base[at];
      paired[at] = gap ? difference : values[at];
      differences[at / metrics.size() * columns + at % metrics.size() * others.size() + ranking] = difference;
    }
    const std::vector<double> base_means = means_of(paired_base, metrics.size());
    const std::vector<double> means = means_of(paired, metrics.size());
    for (size_t metric = 0; metric < metrics.size(); ++metric) {
      Comparison& comparison = comparisons[metric * others.size() + ranking];
      comparison.metric = metrics[metric].name;
      comparison.ranking = options.paths[ranking];
      comparison.baseline = base_means[metric];
      comparison.value = means[metric];
    }
  }
  const std::vector<double> mean_differences = means_of(differences, columns);
  const std::vector<int> exponents = scale_down(differences, columns);
  const std::vector<Interval> intervals = bootstrap_means(differences, columns, bootstrap, threads);
  const std::vector<double> permuted =
      permutation_p(differences, columns, options.permutations, bootstrap.seed, threads);
  parallel_for(columns, threads, [&](size_t column, int) {
    Comparison& comparison = comparisons[column];
    std::vector<double> one;
    for (size_t at = column; at < differences.size(); at += columns) {
      if (!std::isnan(differences[at])) one.push_back(differences[at]);
    }
    comparison.users = one.size();
    comparison.difference = mean_differences[column];
    comparison.relative = comparison.baseline == 0.0 ? std::nan("") : comparison.difference / comparison.baseline;
    comparison.interval = {scaled_up(intervals[column].low, exponents[column]),
                           scaled_up(intervals[column].high, exponents[column])};
    comparison.p = {paired_t_p(one), wilcoxon_p(one), permuted[column]};
  });
  return comparisons;
}

void adjust_by_holm(std::span<Comparison> comparisons) {
  for (double PValues::*const test : {&PValues::t, &PValues::wilcoxon, &PValues::permutation})
    adjust(comparisons, test);
}

}  // namespace rec
