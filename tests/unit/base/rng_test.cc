#include "base/rng.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>

namespace rec::rng_test {

TEST_CASE("the sequence is SplitMix64's: the published values for state 1234567") {
  // mix64 of the state after each step of 0x9e3779b97f4a7c15.
  uint64_t state = 1234567;
  for (const uint64_t expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u}) {
    state += 0x9e3779b97f4a7c15;
    CHECK(mix64(state) == expected);
  }
}

TEST_CASE("seed, stream and substream each make another sequence, and the same one again") {
  const uint64_t first = Rng(1, 2, 3).next();
  CHECK(Rng(1, 2, 3).next() == first);
  CHECK(Rng(2, 2, 3).next() != first);
  CHECK(Rng(1, 3, 3).next() != first);
  CHECK(Rng(1, 2, 4).next() != first);
  CHECK(Rng(1, 3, 2).next() != first);
}

TEST_CASE("below and uniform are even") {
  Rng rng(7);
  std::array<int, 10> below{};
  std::array<int, 10> uniform{};
  for (int draw = 0; draw < 100000; ++draw) {
    ++below[rng.below(10)];
    const double value = rng.uniform();
    REQUIRE(value < 1.0);
    ++uniform[static_cast<size_t>(value * 10)];
  }
  for (size_t bin = 0; bin < 10; ++bin) {  // 5 standard deviations are 474
    CHECK(std::abs(below[bin] - 10000) < 474);
    CHECK(std::abs(uniform[bin] - 10000) < 474);
  }
}

TEST_CASE("normal values have the mean, deviation and tails of their kind, in proportion to the deviation") {
  constexpr int kDraws = 100000;
  Rng rng(5, 6);
  Rng twice(5, 6);
  double sum = 0.0, squares = 0.0;
  int beyond = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal(1.0);
    CHECK(twice.normal(2.0) == 2.0 * x);
    sum += x;
    squares += x * x;
    beyond += x > 1.959964;
  }
  CHECK(std::abs(sum / kDraws) < 4.0 / std::sqrt(kDraws));
  CHECK(std::abs(squares / kDraws - 1.0) < 4.0 * std::sqrt(2.0 / kDraws));
  CHECK(std::abs(beyond / static_cast<double>(kDraws) - 0.025) < 4.0 * std::sqrt(0.025 * 0.975 / kDraws));
}

}  // namespace rec::rng_test
