// The bootstrap (Efron 1979): a statistic again and again on units drawn with
// replacement, and the percentile interval of what comes out.
// Symbols: U units (users; rows where there are none), R resamples, S statistics.
// Every resample has a random sequence of its own, so results are the same for
// every number of threads. Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace rec {

struct BootstrapOptions {
  uint32_t resamples = 0;  // R; 0: no bootstrap
  uint64_t seed = 1;
  double confidence = 0.95;  // in (0, 1)
};

// low <= high; NaN both where undefined.
struct Interval {
  double low;
  double high;
};

// counts[u] = how often unit u is in resample `resample`: U draws with
// replacement (multinomial, Σ counts = U). Each `stream` draws on its own: one a
// group, where groups are resampled side by side.
void resample_counts(uint64_t seed, uint64_t stream, uint32_t resample, std::span<uint16_t> counts);

// Σ counts[u] · values[u], in a fixed order. REQUIRES: equal sizes.
double resampled_sum(std::span<const uint16_t> counts, std::span<const double> values);

// What S statistics are on one resample: writes values[0..S) from the counts of
// the units, one span a group of units. Called from many threads.
using ResampledStatistic = std::function<void(std::span<const std::vector<uint16_t>> counts, std::span<double> values)>;

// R × S values, resample by resample, for groups of units (U = groups[g], at
// least 1 each) that are resampled each within itself.
std::vector<double> bootstrap(std::span<const size_t> groups, size_t statistics, const BootstrapOptions& options,
                              int threads, const ResampledStatistic& statistic);

// The empirical quantile of ascending values, linear between them (type 7 of
// Hyndman and Fan 1996, numpy's default). REQUIRES: values; share in [0, 1].
double sorted_quantile(std::span<const double> sorted, double share);

// The empirical quantiles (1 - confidence)/2 and (1 + confidence)/2.
// NaN values (a resample that leaves the statistic undefined) are left out; NaN
// where none is left, and where all are equal (but for rounding, 1e-12 of them): units
// without any difference say nothing of the error.
Interval percentile_interval(std::vector<double> values, double confidence);

// percentile_interval of each of the S statistics of bootstrap().
std::vector<Interval> percentile_intervals(std::span<const double> values, size_t statistics, double confidence);

}  // namespace rec
