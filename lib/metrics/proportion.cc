#include "metrics/proportion.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rec {

Proportion wilson(uint64_t successes, uint64_t trials, double z) {
  if (trials == 0) {
    constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
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

}  // namespace rec
