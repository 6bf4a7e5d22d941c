#include "data/decay.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace rec {

float decay_weight(double timestamp, double half_life, double now) {
  const double age = std::max(0.0, now - timestamp);
  return std::max(static_cast<float>(std::exp2(-age / half_life)), std::numeric_limits<float>::min());
}

double newest(std::span<const double> timestamp) {
  return timestamp.empty() ? 0.0 : *std::max_element(timestamp.begin(), timestamp.end());
}

std::vector<float> decay_weights(std::span<const double> timestamp, double half_life, std::optional<double> now) {
  if (!(half_life > 0) || !std::isfinite(half_life))
    fail_usage("--half-life: expected more than 0, found {}", half_life);
  if (now && !std::isfinite(*now)) fail_usage("--now: expected a finite number, found {}", *now);
  const double reference = now ? *now : newest(timestamp);
  std::vector<float> weight(timestamp.size());
  std::transform(timestamp.begin(), timestamp.end(), weight.begin(),
                 [&](double t) { return decay_weight(t, half_life, reference); });
  return weight;
}

}  // namespace rec
