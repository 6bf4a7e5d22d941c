#include "data/decay.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace rec::decay_test {
namespace {

TEST_CASE("decay: halves with each half-life before the newest row") {
  const std::vector<double> t{100, 90, 80, 75, 100};
  CHECK(decay_weights(t, 10, std::nullopt) ==
        std::vector<float>{1.0f, 0.5f, 0.25f, static_cast<float>(std::exp2(-2.5)), 1.0f});
  CHECK(newest(t) == 100);
}

TEST_CASE("decay: --now moves the reference, and what is later weighs 1") {
  const std::vector<double> t{100, 90, 80};
  CHECK(decay_weights(t, 10, 110) == std::vector<float>{0.5f, 0.25f, 0.125f});
  CHECK(decay_weights(t, 10, 90) == std::vector<float>{1.0f, 1.0f, 0.5f});
}

TEST_CASE("decay: the oldest row keeps a weight above 0") {
  CHECK(decay_weight(-1e300, 1e-3, 1e300) == std::numeric_limits<float>::min());
}

TEST_CASE("decay: no rows, and values out of range") {
  CHECK(decay_weights({}, 1, std::nullopt).empty());
  CHECK(newest({}) == 0);
  for (const double wrong : {0.0, -1.0, static_cast<double>(NAN), HUGE_VAL})
    CHECK_THROWS_AS(decay_weights({}, wrong, std::nullopt), UsageError);
  CHECK_THROWS_AS(decay_weights({}, 1, static_cast<double>(NAN)), UsageError);
}

}  // namespace
}  // namespace rec::decay_test
