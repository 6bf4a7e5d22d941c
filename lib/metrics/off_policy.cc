#include "metrics/off_policy.h"

#include <algorithm>
#include <cmath>

namespace rec {

double importance_weight(double propensity, double target, double clip) { return std::min(target / propensity, clip); }

namespace {

// λ / (w² + λ) of w = weight · 2^exponent.
double shrinkage_factor(double weight, int exponent, double shrinkage) {
  const double size = scaled_up(weight, exponent) / std::sqrt(shrinkage);
  return 1.0 / (1.0 + size * size);
}

}  // namespace

PolicyRow policy_row(double reward, double propensity, double target, const WeightLimits& limits, double predicted,
                     double expected) {
  const auto moderate = [](double value) { return value == 0.0 || scaling_exponent(std::fabs(value)) == 0; };
  PolicyRow row{reward, importance_weight(propensity, target, limits.clip), predicted, expected};
  const auto limit = [&row, &limits] {
    row.switched = scaled_up(row.weight, row.weight_exponent) <= limits.switch_weight ? row.weight : 0.0;
    row.shrunk = std::isinf(limits.shrinkage)
                     ? row.weight
                     : row.weight * shrinkage_factor(row.weight, row.weight_exponent, limits.shrinkage);
  };
  if (moderate(reward) && std::isfinite(row.weight) && moderate(row.weight) && moderate(predicted) &&
      moderate(expected) && moderate(target) && moderate(propensity)) {
    limit();
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
    if (std::isfinite(limits.clip) && scaled_down(limits.clip, weight_exponent) < weight) {
      row.weight = std::frexp(limits.clip, &weight_exponent);
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
  limit();
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

namespace {

// v + weight (r - q).
PolicyTerm corrected(const PolicyRow& row, double weight) {
  return {row.expected + weight * (row.reward - row.predicted), 1.0, row.reward_exponent + row.weight_exponent};
}

}  // namespace

PolicyTerm dr(const PolicyRow& row) { return corrected(row, row.weight); }

PolicyTerm switch_dr(const PolicyRow& row) { return corrected(row, row.switched); }

PolicyTerm dros(const PolicyRow& row) { return corrected(row, row.shrunk); }

PolicyTerm sndr_correction(const PolicyRow& row) {
  return {row.weight * (row.reward - row.predicted), row.weight, row.reward_exponent + row.weight_exponent,
          row.weight_exponent};
}

}  // namespace rec
