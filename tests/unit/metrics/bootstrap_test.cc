#include "metrics/bootstrap.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rec::bootstrap_test {

TEST_CASE("a resample draws as many units as there are, each as often as any other") {
  std::vector<uint16_t> counts(10);
  std::vector<int> total(10);
  for (uint32_t resample = 0; resample < 5000; ++resample) {
    resample_counts(1, 0, resample, counts);
    REQUIRE(std::accumulate(counts.begin(), counts.end(), 0) == 10);
    for (size_t unit = 0; unit < 10; ++unit) total[unit] += counts[unit];
  }
  for (const int count : total) CHECK(std::abs(count - 5000) < 5 * 68);  // sqrt(50000 · 0.1 · 0.9) = 67
}

TEST_CASE("seed, stream and number make another resample; a lone unit is always drawn") {
  std::vector<uint16_t> one(100);
  std::vector<uint16_t> other(100);
  resample_counts(1, 2, 3, one);
  resample_counts(1, 2, 3, other);
  CHECK(one == other);
  for (const auto& [seed, stream, resample] : {std::tuple{2, 2, 3}, std::tuple{1, 3, 3}, std::tuple{1, 2, 4}}) {
    resample_counts(static_cast<uint64_t>(seed), static_cast<uint64_t>(stream), static_cast<uint32_t>(resample), other);
    CHECK(one != other);
  }
  std::vector<uint16_t> alone(1);
  resample_counts(1, 0, 0, alone);
  CHECK(alone[0] == 1);
}

TEST_CASE("resampled_sum, at lengths around its lanes") {
  for (const size_t units : {0, 1, 15, 16, 17, 40}) {
    std::vector<uint16_t> counts(units);
    std::vector<double> values(units);
    double expected = 0.0;
    for (size_t unit = 0; unit < units; ++unit) {
      counts[unit] = static_cast<uint16_t>(unit % 4);
      values[unit] = 0.5 * static_cast<double>(unit);
      expected += counts[unit] * values[unit];
    }
    CHECK(resampled_sum(counts, values) == expected);  // halves: exact
  }
}

TEST_CASE("percentiles are numpy's, and leave undefined resamples out") {
  const double nan = std::nan("");
  const Interval interval = percentile_interval({4, nan, 1, 3, 2, nan}, 0.5);
  CHECK(interval.low == doctest::Approx(1.75));
  CHECK(interval.high == doctest::Approx(3.25));
  CHECK(std::isnan(percentile_interval({7}, 0.95).low));
  CHECK(std::isnan(percentile_interval({7, 7, 7}, 0.95).high));
  CHECK(std::isnan(percentile_interval({nan}, 0.95).low));
  CHECK(std::isnan(percentile_interval({}, 0.95).high));
}

TEST_CASE("the interval of a mean is near the normal one, whatever the threads") {
  std::vector<double> values(400);
  for (size_t unit = 0; unit < values.size(); ++unit) values[unit] = static_cast<double>(unit % 20);
  const size_t groups[] = {values.size()};
  const auto mean = [&values](std::span<const std::vector<uint16_t>> counts, std::span<double> out) {
    out[0] = resampled_sum(counts[0], values) / static_cast<double>(values.size());
    out[1] = -out[0];
  };
  const BootstrapOptions options{.resamples = 2000, .seed = 5, .confidence = 0.95};
  const std::vector<double> resampled = bootstrap(groups, 2, options, 1, mean);
  CHECK(resampled == bootstrap(groups, 2, options, 3, mean));
  const std::vector<Interval> intervals = percentile_intervals(resampled, 2, 0.95);
  const double half = 1.96 * std::sqrt(33.25 / 400.0);  // the variance of 0..19 is 399/12
  CHECK(intervals[0].low == doctest::Approx(9.5 - half).epsilon(0.01));
  CHECK(intervals[0].high == doctest::Approx(9.5 + half).epsilon(0.01));
  CHECK(intervals[1].low == doctest::Approx(-intervals[0].high));
}

}  // namespace rec::bootstrap_test
