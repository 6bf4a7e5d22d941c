#include "metrics/bootstrap.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/parallel_for.h"
#include "base/rng.h"
#include "metrics/undefined.h"

namespace rec {

void resample_counts(uint64_t seed, uint64_t stream, uint32_t resample, std::span<uint16_t> counts) {
  // 16 bits hold any count that occurs: up to 65535 units by U draws, and beyond
  // that a count is Poisson of mean 1.
  std::fill(counts.begin(), counts.end(), uint16_t{0});
  Rng rng(seed, stream, resample);
  const size_t units = counts.size();
  for (size_t draw = 0; draw < units; ++draw) ++counts[rng.below(units)];
}

double resampled_sum(std::span<const uint16_t> counts, std::span<const double> values) {
  constexpr size_t kLanes = 16;  // fixed, whatever the width of the machine's vectors
  std::array<double, kLanes> sum{};
  const size_t whole = counts.size() / kLanes * kLanes;
  for (size_t begin = 0; begin < whole; begin += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) sum[lane] += counts[begin + lane] * values[begin + lane];
  }
  for (size_t unit = whole; unit < counts.size(); ++unit) sum[unit - whole] += counts[unit] * values[unit];
  for (size_t half = kLanes / 2; half > 0; half /= 2) {
    for (size_t lane = 0; lane < half; ++lane) sum[lane] += sum[lane + half];
  }
  return sum[0];
}

std::vector<double> bootstrap(std::span<const size_t> groups, size_t statistics, const BootstrapOptions& options,
                              int threads, const ResampledStatistic& statistic) {
  std::vector<double> values(options.resamples * statistics);
  std::vector<std::vector<std::vector<uint16_t>>> scratch(static_cast<size_t>(std::max(1, threads)));
  parallel_for(options.resamples, threads, [&](size_t resample, int worker) {
    std::vector<std::vector<uint16_t>>& counts = scratch[static_cast<size_t>(worker)];
    counts.resize(groups.size());
    for (size_t group = 0; group < groups.size(); ++group) {
      counts[group].resize(groups[group]);
      resample_counts(options.seed, group, static_cast<uint32_t>(resample), counts[group]);
    }
    statistic(counts, std::span(values).subspan(resample * statistics, statistics));
  });
  return values;
}

double sorted_quantile(std::span<const double> sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  if (sorted[below] == sorted[above]) return sorted[below];
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval percentile_interval(std::vector<double> values, double confidence) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return {kUndefined, kUndefined};
  std::sort(values.begin(), values.end());
  const double size = std::max(std::fabs(values.front()), std::fabs(values.back()));
  if (values.back() - values.front() <= 1e-12 * size) return {kUndefined, kUndefined};
  return {sorted_quantile(values, (1.0 - confidence) / 2.0), sorted_quantile(values, (1.0 + confidence) / 2.0)};
}

std::vector<Interval> percentile_intervals(std::span<const double> values, size_t statistics, double confidence) {
  std::vector<Interval> intervals;
  std::vector<double> one(values.size() / std::max<size_t>(statistics, 1));
  for (size_t statistic = 0; statistic < statistics; ++statistic) {
    for (size_t resample = 0; resample < one.size(); ++resample)
      one[resample] = values[resample * statistics + statistic];
    intervals.push_back(percentile_interval(one, confidence));
  }
  return intervals;
}

}  // namespace rec
