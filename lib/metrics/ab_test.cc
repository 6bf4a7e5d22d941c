#include "metrics/ab_test.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "metrics/distributions.h"
#include "metrics/holm.h"
#include "metrics/scaling.h"

namespace rec {
namespace {

// What a metric divides, a number a user; part is / 2^exponent.
struct Columns {
  std::vector<double> part;
  std::vector<double> whole;
};

// The exponent of a metric's parts, for all variants the same.
int exponent_of(std::span<const Variant> variants, const Metric& metric) {
  int exponent = 0;
  double largest = 0.0;
  for (const Variant& variant : variants) {
    for (const EventCounts& user : variant.users) exponent = std::max(exponent, metric.info->event(user).exponent);
  }
  for (const Variant& variant : variants) {
    for (const EventCounts& user : variant.users) {
      const EventRate rate = metric.info->event(user);
      largest = std::max(largest, std::fabs(scaled_up(rate.part, rate.exponent - exponent)));
    }
  }
  return exponent + scaling_exponent(largest);
}

Columns columns_of(const Variant& variant, const Metric& metric, int exponent) {
  Columns columns;
  for (const EventCounts& user : variant.users) {
    const EventRate rate = metric.info->event(user);
    columns.part.push_back(scaled_up(rate.part, rate.exponent - exponent));
    columns.whole.push_back(rate.whole);
  }
  return columns;
}

EventRate total_of(const Variant& variant, const Metric& metric) {
  EventCounts total;
  for (const EventCounts& user : variant.users) total += user;
  return metric.info->event(total);
}

ZTest naive_z(const EventRate& control, const EventRate& treatment) {
  const auto count = [](double value) { return static_cast<uint64_t>(value); };
  return two_proportion_z(count(control.part), count(control.whole), count(treatment.part), count(treatment.whole));
}

// Puts the percentile intervals of resampled users in the place of the others.
void resample(std::span<const std::vector<Columns>> columns, std::span<const int> exponents, size_t control,
              const BootstrapOptions& options, int threads, std::span<VariantMetric> results) {
  const size_t variants = columns.front().size();
  std::vector<size_t> groups;
  for (const Columns& variant : columns.front()) groups.push_back(variant.part.size());
  constexpr size_t kPerResult = 3;  // value, difference, quotient
  const auto statistic = [&](std::span<const std::vector<uint16_t>> counts, std::span<double> values) {
    for (size_t metric = 0; metric < columns.size(); ++metric) {
      std::vector<double> value;
      for (size_t variant = 0; variant < variants; ++variant) {
        const Columns& mine = columns[metric][variant];
        value.push_back(resampled_sum(counts[variant], mine.part) / resampled_sum(counts[variant], mine.whole));
      }
      for (size_t variant = 0; variant < variants; ++variant) {
        double* const out = values.data() + kPerResult * (metric * variants + variant);
        out[0] = scaled_up(value[variant], exponents[metric]);
        out[1] = scaled_up(value[variant] - value[control], exponents[metric]);
        out[2] = value[control] != 0.0 ? value[variant] / value[control] : std::numeric_limits<double>::quiet_NaN();
      }
    }
  };
  const size_t statistics = kPerResult * results.size();
  const std::vector<Interval> intervals =
      percentile_intervals(bootstrap(groups, statistics, options, threads, statistic), statistics, options.confidence);
  for (size_t result = 0; result < results.size(); ++result) {
    results[result].interval = intervals[kPerResult * result];
    if (!results[result].effect) continue;
    results[result].effect->by_user.difference_interval = intervals[kPerResult * result + 1];
    results[result].effect->by_user.quotient_interval = intervals[kPerResult * result + 2];
  }
}

void adjust(std::span<VariantMetric> results) {
  std::vector<double> p;
  for (const VariantMetric& result : results) {
    if (result.effect) p.push_back(result.effect->by_user.p);
  }
  const std::vector<double> adjusted = holm(p);
  size_t test = 0;
  for (VariantMetric& result : results) {
    if (result.effect) result.effect->p_holm = adjusted[test++];
  }
}

}  // namespace

std::vector<VariantMetric> compare_variants(std::span<const Variant> variants, size_t control,
                                            std::span<const Metric> metrics, const BootstrapOptions& options,
                                            int threads) {
  const double z = normal_quantile_two_sided(options.confidence);
  std::vector<VariantMetric> results;
  std::vector<std::vector<Columns>> columns;
  std::vector<int> exponents;
  for (const Metric& metric : metrics) {
    std::vector<RatioEstimate> estimates;
    std::vector<EventRate> totals;
    columns.emplace_back();
    exponents.push_back(exponent_of(variants, metric));
    for (const Variant& variant : variants) {
      columns.back().push_back(columns_of(variant, metric, exponents.back()));
      const Columns& mine = columns.back().back();
      estimates.push_back(estimate_ratio(mine.part, mine.whole, exponents.back()));
      totals.push_back(total_of(variant, metric));
    }
    for (size_t variant = 0; variant < variants.size(); ++variant) {
      VariantMetric result{.value = estimates[variant].value,
                           .interval = ratio_interval(estimates[variant], options.confidence),
                           .effect = {}};
      if (metric.info->proportion) {
        const Proportion wilson_of =
            wilson(static_cast<uint64_t>(totals[variant].part), static_cast<uint64_t>(totals[variant].whole), z);
        result.interval = {wilson_of.low, wilson_of.high};
      }
      if (variant != control) {
        result.effect = {compare_ratios(estimates[control], estimates[variant], options.confidence), {}, 0.0};
        if (metric.info->proportion) result.effect->z = naive_z(totals[control], totals[variant]);
      }
      results.push_back(result);
    }
  }
  adjust(results);
  if (options.resamples > 0) resample(columns, exponents, control, options, threads, results);
  return results;
}

SplitTest test_split(std::span<const uint64_t> users, std::span<const double> split) {
  const int exponent = scaling_exponent(*std::max_element(split.begin(), split.end()));
  double total = 0.0;
  double shares = 0.0;
  for (size_t variant = 0; variant < users.size(); ++variant) {
    total += static_cast<double>(users[variant]);
    shares += scaled_down(split[variant], exponent);
  }
  double chi_square = 0.0;
  for (size_t variant = 0; variant < users.size(); ++variant) {
    const double expected = total * scaled_down(split[variant], exponent) / shares;
    const double surplus = static_cast<double>(users[variant]) - expected;
    chi_square += surplus * surplus / expected;
  }
  const double freedom = static_cast<double>(users.size()) - 1.0;
  if (!(freedom > 0.0)) chi_square = std::numeric_limits<double>::quiet_NaN();
  return {chi_square, chi_square_p(chi_square, freedom)};
}

}  // namespace rec
