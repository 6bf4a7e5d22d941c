#include "models/two_tower/policy_gradient.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rec {

double policy_gradient(std::span<const float> loss, std::span<const float> reward, std::span<const float> propensity,
                       double cap, std::vector<double>& weight) {
  weight.clear();
  double sum = 0.0;
  double value = 0.0;
  for (size_t row = 0; row < loss.size(); ++row) {
    weight.push_back(std::min(std::exp(-static_cast<double>(loss[row])) / static_cast<double>(propensity[row]), cap));
    sum += weight.back();
    value += weight.back() * static_cast<double>(reward[row]);
  }
  if (sum == 0.0) return std::numeric_limits<double>::quiet_NaN();
  value /= sum;
  const double scale = static_cast<double>(loss.size()) / sum;
  for (size_t row = 0; row < loss.size(); ++row) weight[row] *= scale * (static_cast<double>(reward[row]) - value);
  return value;
}

}  // namespace rec
