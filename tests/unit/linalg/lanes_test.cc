#include "linalg/lanes.h"

#include <doctest/doctest.h>

#include <vector>

namespace rec::lanes_test {

TEST_CASE("lanes: element i goes to lane i mod 16") {
  // One after the other each 1 is lost beside 2^24; 16 apart, the two meet in a lane first.
  std::vector<float> a(18, 0.0f);
  a[0] = 16777216.0f;
  a[1] = a[17] = 1.0f;
  const std::vector<float> ones(18, 1.0f);
  CHECK(lane_sum(a.data(), 18) == 16777218.0f);
  CHECK(lane_dot(a.data(), ones.data(), 18) == 16777218.0f);
  a[17] = 0.0f;
  a[2] = 1.0f;
  CHECK(lane_sum(a.data(), 18) == 16777216.0f);
  CHECK(lane_dot(ones.data(), a.data(), 18) == 16777216.0f);
}

TEST_CASE("lanes: sums at any length") {
  for (size_t n = 0; n < 70; ++n) {
    std::vector<double> a(n);
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; ++i) {
      a[i] = static_cast<double>(i) - 20.0;
      sum += a[i];
      squares += a[i] * a[i];
    }
    CHECK(lane_sum(a.data(), n) == sum);
    CHECK(lane_dot(a.data(), a.data(), n) == squares);
  }
}

TEST_CASE("lanes: the greatest element, wherever it lies") {
  for (size_t n = 0; n < 40; ++n) {
    std::vector<double> a(n, -2.0);
    CHECK(lane_max(a.data(), n, -3.0) == (n > 0 ? -2.0 : -3.0));
    for (size_t at = 0; at < n; ++at) {
      a[at] = 5.0;
      CHECK(lane_max(a.data(), n, -3.0) == 5.0);
      a[at] = -2.0;
    }
    CHECK(lane_max(a.data(), n, 7.0) == 7.0);
  }
}

}  // namespace rec::lanes_test
