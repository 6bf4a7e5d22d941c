// Variants of an online experiment against a control. Users are what is drawn and
// assigned: the impressions of one user are not independent of each other, so
// intervals and p-values rest on sums by user (metrics/ratio.h).
// Symbols: V variants, M metrics. Thread rule: pure functions; results are the
// same for every number of threads.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metrics/bootstrap.h"
#include "metrics/metric_table.h"
#include "metrics/ratio.h"

namespace rec {

struct Variant {
  std::string name;
  std::vector<EventCounts> users;  // a user's total each
};

// One metric of one variant.
struct VariantMetric {
  double value;
  // A Wilson interval for a proportion (impressions taken as independent), the t
  // interval clustered by user for satisfaction; with resamples, of the users, the
  // percentile interval.
  Interval interval;
  // Against the control; absent for the control itself.
  struct Effect {
    RatioComparison by_user;  // with resamples its intervals are theirs; t and p stay
    std::optional<ZTest> z;   // of a proportion: impressions taken as independent
    double p_holm;            // by_user.p among all metrics and variants
  };
  std::optional<Effect> effect;
};

// M × V values, metric by metric, variants in the given order. REQUIRES: metrics
// of kind kEvent; control < V; every variant has a user.
std::vector<VariantMetric> compare_variants(std::span<const Variant> variants, size_t control,
                                            std::span<const Metric> metrics, const BootstrapOptions& options,
                                            int threads);

// Sample-ratio mismatch (Fabijan et al. 2019): are the users split as they should
// be? Pearson's chi-square with V - 1 degrees of freedom. NaN below two variants.
// split: the expected shares, > 0, in any scale. REQUIRES: equal sizes.
struct SplitTest {
  double chi_square;
  double p;
};
SplitTest test_split(std::span<const uint64_t> users, std::span<const double> split);

// Below this p-value an experiment should not be read before the cause is known.
inline constexpr double kMismatchLevel = 0.001;

}  // namespace rec
