#include "metrics/off_policy.h"

#include <algorithm>
#include <cmath>

namespace rec {

double importance_weight(double propensity, double target, double clip) { return std::min(target / propensity, clip); }

PolicyRow policy_row(double reward, double propensity, double target, double clip, double predicted, double expected) {
  const auto moderate = [](double value) { return value == 0.0 || scaling_exponent(std::fabs(value)) == 0; };
  PolicyRow row{reward, importance_weight(propensity, target, clip), predicted, expected};
  if (moderate(reward) && std::isfinite(row.weight) && moderate(row.weight) && moderate(predicted) &&
      moderate(expected) && moderate(target) && moderate(propensity)) {
    return row;
  }
  // target / propensity near 1, times a power of two that may be beyond any double.
  int weight_exponent = 0;
  if (target > 0.0) {
    int target_exponent = 0;
    int propensity_exponent = 0;
    const double weight = std::frexp(target, &target_exponent) / std::frexp(propensity, &propensity_exponent);
    weight_exponent = target_exponent - propensity_exponent;
    row.weight = weight;
    if (std::isfinite(clip) && scaled_down(clip, weight_exponent) < weight) {
      row.weight = std::frexp(clip, &weight_exponent);
    }
  }
  const auto size = [](double value) { return value == 0.0 ? -2000 : std::ilogb(value); };
  int reward_exponent = std::max({size(reward), size(predicted), size(expected) - weight_exponent});
  if (reward_exponent <= -2000) reward_exponent = 0;
  row.reward = scaled_down(reward, reward_exponent);
  row.predicted = scaled_down(predicted, reward_exponent);
  row.expected = scaled_down(expected, reward_exponent + weight_exponent);
  row.reward_exponent = reward_exponent;
  row.weight_exponent = weight_exponent;
  return row;
}

PolicyTerm logged(const PolicyRow& row) { return {row.reward, 1.0, row.reward_exponent}; }

PolicyTerm ips(const PolicyRow& row) {
  return {row.weight * row.reward, 1.0, row.reward_exponent + row.weight_exponent};
}

PolicyTerm snips(const PolicyRow& row) {
  return {row.weight * row.reward, row.weight, row.reward_exponent + row.weight_exponent, row.weight_exponent};
}

PolicyTerm dm(const PolicyRow& row) { return {row.expected, 1.0, row.reward_exponent + row.weight_exponent}; }

PolicyTerm dr(const PolicyRow& row) {
  return {row.expected + row.weight * (row.reward - row.predicted), 1.0, row.reward_exponent + row.weight_exponent};
}

}  // namespace rec
