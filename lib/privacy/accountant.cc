#include "privacy/accountant.h"

#include <cassert>
#include <cmath>
#include <numbers>

namespace rec {
namespace {

double normal_below(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

// The point where `holds` turns from true, at low, to false, at high, as an interval
// narrower than 1e-9 of its end.
template <class Holds>
void bisect(double& low, double& high, const Holds& holds) {
  while (high - low > 1e-9 * high) {
    const double middle = low + (high - low) / 2.0;
    (holds(middle) ? low : high) = middle;
  }
}

}  // namespace

double gaussian_delta(double mu, double epsilon) {
  const double first = normal_below(mu / 2.0 - epsilon / mu);
  const double second = normal_below(-mu / 2.0 - epsilon / mu);
  // e^epsilon alone may be beyond the numbers; the product never is.
  return second > 0.0 ? std::fmax(first - std::exp(epsilon + std::log(second)), 0.0) : first;
}

double gaussian_epsilon(double mu, double delta) {
  const auto more = [&](double epsilon) { return gaussian_delta(mu, epsilon) > delta; };
  if (!more(0.0)) return 0.0;
  double low = 0.0;
  double high = 1.0;
  for (; more(high); high *= 2.0) low = high;
  bisect(low, high, more);
  return high;
}

double gaussian_mu(double epsilon, double delta) {
  assert(epsilon > 0.0 && epsilon <= kMaxEpsilon && delta > 0.0 && delta < 1.0);
  const auto enough = [&](double mu) { return gaussian_delta(mu, epsilon) <= delta; };
  double low = 1.0;
  while (!enough(low)) low /= 2.0;
  double high = 2.0 * low;
  for (; enough(high); high *= 2.0) low = high;
  bisect(low, high, enough);
  return low;
}

double composed_mu(std::span<const double> multipliers) {
  double sum = 0.0;
  for (const double multiplier : multipliers) sum += 1.0 / (multiplier * multiplier);
  return std::sqrt(sum);
}

double noise_multiplier(double epsilon, double delta, std::span<const double> relative) {
  return composed_mu(relative) / gaussian_mu(epsilon, delta);
}

double noise_multiplier(double epsilon, double delta, int releases) {
  return std::sqrt(static_cast<double>(releases)) / gaussian_mu(epsilon, delta);
}

}  // namespace rec
