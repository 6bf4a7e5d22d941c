#include "metrics/event_counts.h"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

using namespace rec;

TEST_CASE("rates name what they divide") {
  const EventCounts counts{1000, 50, 10};
  CHECK(ctr(counts).value == 0.05);
  CHECK(cr(counts).value == 0.2);
  CHECK(cvr(counts).value == 0.01);
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
  CHECK(std::isnan(ctr({}).value));
  CHECK(std::isnan(cr({5, 0, 0}).low));
}
