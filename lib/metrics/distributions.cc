#include "metrics/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unsupported/Eigen/SpecialFunctions>

namespace rec {

double normal_quantile_two_sided(double confidence) { return -Eigen::numext::ndtri((1.0 - confidence) / 2.0); }

double normal_p_two_sided(double z) { return std::erfc(std::fabs(z) / std::sqrt(2.0)); }

double student_p_two_sided(double t, double freedom) {
  if (std::isnan(t) || !(freedom > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(t)) return 0.0;
  if (t == 0.0) return 1.0;
  return Eigen::numext::betainc(freedom / 2.0, 0.5, freedom / (freedom + t * t));
}

double student_quantile_two_sided(double confidence, double freedom) {
  if (!(freedom > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  // Bisection: p falls in t, and few calls are made.
  const double target = 1.0 - confidence;
  double low = 0.0;
  double high = 1.0;
  while (student_p_two_sided(high, freedom) > target && high < 1e300) high *= 2.0;
  for (int step = 0; step < 200 && low < high; ++step) {
    const double middle = low + (high - low) / 2.0;
    if (middle == low || middle == high) break;
    (student_p_two_sided(middle, freedom) > target ? low : high) = middle;
  }
  return high;
}

double chi_square_p(double x, double freedom) {
  if (std::isnan(x) || !(freedom > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(x)) return 0.0;
  return x <= 0.0 ? 1.0 : Eigen::numext::igammac(freedom / 2.0, x / 2.0);
}

double sign_test_p(uint64_t successes, uint64_t trials) {
  const uint64_t fewer = std::min(successes, trials - successes);
  if (2 * fewer >= trials) return 1.0;
  // P(X <= fewer) = I_{1/2}(trials - fewer, fewer + 1), twice by symmetry.
  const double tail =
      Eigen::numext::betainc(static_cast<double>(trials - fewer), static_cast<double>(fewer) + 1.0, 0.5);
  return std::min(1.0, 2.0 * tail);
}

}  // namespace rec
