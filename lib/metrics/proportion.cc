#include "metrics/proportion.h"

#include <algorithm>
#include <cmath>

#include "metrics/distributions.h"
#include "metrics/undefined.h"

namespace rec {

Proportion wilson(uint64_t successes, uint64_t trials, double z) {
  if (trials == 0) {
    return {kUndefined, kUndefined, kUndefined};
  }
  const double n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double shrink = 1.0 + z * z / n;
  const double centre = (p + z * z / (2.0 * n)) / shrink;
  const double half = z / shrink * std::sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
  // At p = 0 and p = 1 one end is p itself; rounding must not step over it.
  return {p, std::clamp(centre - half, 0.0, p), std::clamp(centre + half, p, 1.0)};
}

ZTest two_proportion_z(uint64_t successes1, uint64_t trials1, uint64_t successes2, uint64_t trials2) {
  const double n1 = static_cast<double>(trials1);
  const double n2 = static_cast<double>(trials2);
  const double p1 = static_cast<double>(successes1) / n1;  // 0/0 is NaN, and so is all that follows
  const double p2 = static_cast<double>(successes2) / n2;
  const double pooled = static_cast<double>(successes1 + successes2) / (n1 + n2);
  const double z = (p2 - p1) / std::sqrt(pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2));
  return {z, normal_p_two_sided(z)};
}

}  // namespace rec
