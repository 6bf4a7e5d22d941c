#include "metrics/event_counts.h"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

#include "metrics/proportion.h"

namespace rec::event_counts_test {

TEST_CASE("rates name what they divide") {
  EventCounts counts{1000, 50, 10, 4, 14.0};
  CHECK(ctr(counts).part / ctr(counts).whole == 0.05);
  CHECK(cr(counts).part / cr(counts).whole == 0.2);
  CHECK(cvr(counts).part / cvr(counts).whole == 0.01);
  CHECK(satisfaction(counts).part / satisfaction(counts).whole == 3.5);
  counts += EventCounts{1, 1, 1, 1, 1.0};
  CHECK(ctr(counts).part == 51);
  CHECK(cvr(counts).whole == 1001);
  CHECK(satisfaction(counts).part == 15.0);
  CHECK(satisfaction(counts).whole == 5);
}

TEST_CASE("the Wilson interval against published values") {
  // Newcombe 1998, table I, method 3: 81/263, 15/148, 1/29 and 0/20.
  const auto check = [](uint64_t successes, uint64_t trials, double low, double high) {
    const Proportion result = wilson(successes, trials);
    CHECK(result.low == doctest::Approx(low).epsilon(5e-4));
    CHECK(result.high == doctest::Approx(high).epsilon(5e-4));
  };
  check(81, 263, 0.2553, 0.3662);
  check(15, 148, 0.0624, 0.1605);
  check(0, 20, 0.0, 0.1611);
  check(1, 29, 0.0061, 0.1718);
}

TEST_CASE("two proportions: z by hand, and undefined where nothing varies") {
  // 30/100 and 50/100: pooled 0.4, z = 0.2 / sqrt(0.4 · 0.6 · 0.02).
  const ZTest test = two_proportion_z(30, 100, 50, 100);
  CHECK(test.z == doctest::Approx(0.2 / std::sqrt(0.0048)));
  CHECK(test.p == doctest::Approx(0.0038924).epsilon(1e-4));
  CHECK(two_proportion_z(50, 100, 30, 100).z == doctest::Approx(-test.z));
  CHECK(std::isnan(two_proportion_z(0, 10, 0, 20).p));
  CHECK(std::isnan(two_proportion_z(0, 0, 5, 20).p));
}

TEST_CASE("the interval holds its value and stays in [0, 1]") {
  for (uint64_t trials = 1; trials <= 50; ++trials) {
    for (uint64_t successes = 0; successes <= trials; ++successes) {
      const Proportion result = wilson(successes, trials);
      CHECK(result.low >= 0.0);
      CHECK(result.low <= result.value);
      CHECK(result.value <= result.high);
      CHECK(result.high <= 1.0);
    }
  }
}

TEST_CASE("no trials, no rate") {
  CHECK(std::isnan(wilson(0, 0).value));
  CHECK(std::isnan(wilson(0, 0).low));
}

}  // namespace rec::event_counts_test
