#include "metrics/mean_bootstrap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/parallel_for.h"
#include "metrics/compensated_sum.h"
#include "metrics/distributions.h"
#include "metrics/undefined.h"

namespace rec {
namespace {

constexpr size_t kColumns = 8;    // summed together: a vector of doubles
constexpr size_t kResamples = 8;  // that share one pass over the values

// The values for the sums: columns in panels of kColumns, each panel U × kColumns.
// A metric with NaN has 0 there and, in a column of its own, 1 for every value.
struct Panels {
  std::vector<std::vector<double>> panels;
  std::vector<size_t> sum;    // M: the column of the metric's values
  std::vector<size_t> count;  // M: the column that counts them; SIZE_MAX: every user has one
};

Panels panels_of(std::span<const double> values, size_t metrics) {
  const size_t users = values.size() / metrics;
  Panels result;
  std::vector<char> has_gaps(metrics, 0);
  for (size_t at = 0; at < values.size(); ++at) {
    if (std::isnan(values[at])) has_gaps[at % metrics] = 1;
  }
  size_t columns = 0;
  for (size_t metric = 0; metric < metrics; ++metric) {
    result.sum.push_back(columns++);
    result.count.push_back(has_gaps[metric] ? columns++ : SIZE_MAX);
  }
  result.panels.assign((columns + kColumns - 1) / kColumns, std::vector<double>(users * kColumns, 0.0));
  const auto place = [&](size_t user, size_t column) -> double& {
    return result.panels[column / kColumns][user * kColumns + column % kColumns];
  };
  for (size_t user = 0; user < users; ++user) {
    for (size_t metric = 0; metric < metrics; ++metric) {
      const double value = values[user * metrics + metric];
      if (std::isnan(value)) continue;
      place(user, result.sum[metric]) = value;
      if (has_gaps[metric]) place(user, result.count[metric]) = 1.0;
    }
  }
  return result;
}

using Sums = std::array<std::array<double, kColumns>, kResamples>;

// Σ over users of counts × values, for kResamples resamples and one panel.
void add_panel(const std::vector<double>& panel, std::span<const std::vector<uint16_t>> counts, size_t users,
               Sums& sums) {
  for (size_t user = 0; user < users; ++user) {
    const double* row = panel.data() + user * kColumns;
    for (size_t resample = 0; resample < kResamples; ++resample) {
      const double count = counts[resample][user];
      for (size_t column = 0; column < kColumns; ++column) sums[resample][column] += count * row[column];
    }
  }
}

// R × M means of the resamples.
std::vector<double> resampled_means(std::span<const double> values, size_t metrics, const BootstrapOptions& options,
                                    int threads) {
  const size_t users = values.size() / metrics;
  const Panels panels = panels_of(values, metrics);
  const size_t columns = panels.panels.size() * kColumns;
  std::vector<double> means(options.resamples * metrics);
  std::vector<std::vector<std::vector<uint16_t>>> scratch(static_cast<size_t>(std::max(1, threads)));
  parallel_for((options.resamples + kResamples - 1) / kResamples, threads, [&](size_t block, int worker) {
    auto& counts = scratch[static_cast<size_t>(worker)];
    counts.resize(kResamples);
    const size_t first = block * kResamples;
    const size_t here = std::min(kResamples, options.resamples - first);
    for (size_t at = 0; at < kResamples; ++at) {
      counts[at].resize(users);
      if (at < here) resample_counts(options.seed, 0, static_cast<uint32_t>(first + at), counts[at]);
    }
    std::vector<double> sums(kResamples * columns);
    for (size_t panel = 0; panel < panels.panels.size(); ++panel) {
      Sums part{};
      add_panel(panels.panels[panel], counts, users, part);
      for (size_t at = 0; at < kResamples; ++at) {
        std::copy(part[at].begin(), part[at].end(),
                  sums.begin() + static_cast<ptrdiff_t>(at * columns + panel * kColumns));
      }
    }
    for (size_t at = 0; at < here; ++at) {
      const double* row = sums.data() + at * columns;
      for (size_t metric = 0; metric < metrics; ++metric) {
        const double count = panels.count[metric] == SIZE_MAX ? static_cast<double>(users) : row[panels.count[metric]];
        means[(first + at) * metrics + metric] = row[panels.sum[metric]] / count;  // NaN: none has a value
      }
    }
  });
  return means;
}

double normal_cdf(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2.0; }

double normal_quantile(double p) {
  if (p == 0.5) return 0.0;
  return p > 0.5 ? normal_quantile_two_sided(2.0 * p - 1.0) : -normal_quantile_two_sided(1.0 - 2.0 * p);
}

// Of one metric. means: its resampled ones.
Interval bca(std::span<const double> values, size_t metric, size_t metrics, std::vector<double> means,
             double confidence) {
  CompensatedSum sum;
  size_t count = 0;
  bool equal = true;
  double first = std::numeric_limits<double>::quiet_NaN();
  for (size_t at = metric; at < values.size(); at += metrics) {
    if (std::isnan(values[at])) continue;
    if (count++ == 0) first = values[at];
    equal &= values[at] == first;
    sum.add(values[at]);
  }
  if (equal) return {kUndefined, kUndefined};
  const double mean = sum.value() / static_cast<double>(count);
  CompensatedSum squares;
  CompensatedSum cubes;
  for (size_t at = metric; at < values.size(); at += metrics) {
    if (std::isnan(values[at])) continue;
    const double off = values[at] - mean;
    squares.add(off * off);
    cubes.add(off * off * off);
  }
  std::erase_if(means, [](double value) { return std::isnan(value); });
  if (means.empty()) return {kUndefined, kUndefined};
  std::sort(means.begin(), means.end());
  // A resample may have the very mean, but for rounding: it counts half on each side.
  const double close = 1e-12 * std::sqrt(squares.value() / static_cast<double>(count));
  double below = 0.0;
  for (const double value : means) below += value < mean - close ? 1.0 : value <= mean + close ? 0.5 : 0.0;
  const double draws = static_cast<double>(means.size());
  const double bias = normal_quantile(std::clamp(below, 0.5, draws - 0.5) / draws);
  const double acceleration = cubes.value() / (6.0 * squares.value() * std::sqrt(squares.value()));
  const double z = normal_quantile_two_sided(confidence);
  const auto end = [&](double side) {
    const double shifted = bias + side;
    const double scale = 1.0 - acceleration * shifted;
    const double share = scale > 0.0 ? normal_cdf(bias + shifted / scale) : side > 0.0 ? 1.0 : 0.0;
    return sorted_quantile(means, share);
  };
  return {end(-z), end(z)};
}

}  // namespace

std::vector<Interval> bootstrap_means(std::span<const double> values, size_t metrics, const BootstrapOptions& options,
                                      int threads) {
  const std::vector<double> means = resampled_means(values, metrics, options, threads);
  std::vector<Interval> intervals(metrics);
  parallel_for(metrics, threads, [&](size_t metric, int) {
    std::vector<double> one(options.resamples);
    for (size_t resample = 0; resample < one.size(); ++resample) one[resample] = means[resample * metrics + metric];
    intervals[metric] = bca(values, metric, metrics, std::move(one), options.confidence);
  });
  return intervals;
}

}  // namespace rec
