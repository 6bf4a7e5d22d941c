#include "metrics/mean_bootstrap.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/rng.h"

namespace rec::mean_bootstrap_test {

namespace {

std::vector<double> some_values(size_t users, size_t metrics) {
  Rng random(3);
  std::vector<double> values;
  for (size_t at = 0; at < users * metrics; ++at) values.push_back(random.uniform());
  return values;
}

}  // namespace

TEST_CASE("an interval holds the mean, and narrows with the confidence asked for") {
  const auto values = some_values(200, 3);
  const auto wide = bootstrap_means(values, 3, {.resamples = 2000, .confidence = 0.99}, 1);
  const auto narrow = bootstrap_means(values, 3, {.resamples = 2000, .confidence = 0.5}, 1);
  for (size_t metric = 0; metric < 3; ++metric) {
    double mean = 0.0;
    for (size_t user = 0; user < 200; ++user) mean += values[user * 3 + metric] / 200.0;
    CHECK(wide[metric].low < narrow[metric].low);
    CHECK(narrow[metric].low < mean);
    CHECK(mean < narrow[metric].high);
    CHECK(narrow[metric].high < wide[metric].high);
    // Near the normal approximation: 2.576 standard errors of a uniform value.
    CHECK(wide[metric].high - mean == doctest::Approx(2.576 * std::sqrt(1.0 / 12.0 / 200.0)).epsilon(0.15));
  }
}

TEST_CASE("neither the threads nor the other metrics change an interval") {
  const auto values = some_values(150, 11);
  const BootstrapOptions options{.resamples = 100};
  const auto one = bootstrap_means(values, 11, options, 1);
  const auto more = bootstrap_means(values, 11, options, 3);
  std::vector<double> last;
  for (size_t user = 0; user < 150; ++user) last.push_back(values[user * 11 + 10]);
  const auto alone = bootstrap_means(last, 1, options, 2);
  for (size_t metric = 0; metric < 11; ++metric) {
    CHECK(one[metric].low == more[metric].low);
    CHECK(one[metric].high == more[metric].high);
  }
  CHECK(alone[0].low == one[10].low);
  CHECK(alone[0].high == one[10].high);
}

TEST_CASE("equal values have no interval; users without a value do not count") {
  const double gap = std::nan("");
  const std::vector<double> values = {0.1, gap, 2.0, 0.1, gap, gap, 0.1, gap, 4.0};
  const auto intervals = bootstrap_means(values, 3, {.resamples = 500}, 1);
  CHECK(std::isnan(intervals[0].low));
  CHECK(std::isnan(intervals[0].high));
  CHECK(std::isnan(intervals[1].low));
  CHECK(std::isnan(intervals[1].high));
  CHECK(intervals[2].low == 2.0);
  CHECK(intervals[2].high == 4.0);
}

}  // namespace rec::mean_bootstrap_test
