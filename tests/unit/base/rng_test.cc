#include "base/rng.h"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdlib>

using namespace rec;

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
