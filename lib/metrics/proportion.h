// A rate from counts with its interval. Thread rule: pure functions.
#pragma once

#include <cstdint>

namespace rec {

// The two-sided 95 % quantile of the normal distribution.
inline constexpr double kNormal95 = 1.959963984540054;

// value in [0, 1] with low <= value <= high; all NaN where there were no trials.
struct Proportion {
  double value;
  double low;
  double high;
};

// successes / trials and the Wilson score interval (Wilson 1927) at quantile z:
//   centre = (p + z²/2n) / (1 + z²/n)
//   half   = z / (1 + z²/n) · sqrt(p(1-p)/n + z²/4n²)
// It holds its level for small rates, where p ± z·sqrt(p(1-p)/n) does not.
// REQUIRES: successes <= trials.
Proportion wilson(uint64_t successes, uint64_t trials, double z = kNormal95);

// Two independent proportions, of trials that are independent of each other.
// z = (p2 - p1) / sqrt(p(1-p)(1/n1 + 1/n2)), p the pooled proportion; the two-sided
// p-value from the normal distribution. NaN where a group has no trials, or all
// or none succeeded. REQUIRES: successes <= trials.
struct ZTest {
  double z;
  double p;
};
ZTest two_proportion_z(uint64_t successes1, uint64_t trials1, uint64_t successes2, uint64_t trials2);

}  // namespace rec
