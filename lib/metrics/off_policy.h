// Off-policy value: what reward a target policy would have had, from a log of what
// another policy showed, the probability that it did so (the propensity), and the
// probability that the target policy would. For one row: r reward, e propensity,
// t target probability, q the reward that a model predicts for the item shown, v
// the model's expected reward under the target policy, w = min(t / e, clip).
// A value is Σ part / Σ whole over rows, of sndr the sum of two such ratios. Thread rule: plain data, pure functions.
#pragma once

#include <cstdint>
#include <limits>

#include "metrics/scaling.h"

namespace rec {

// What becomes of large importance weights.
struct WeightLimits {
  double clip = std::numeric_limits<double>::infinity();           // > 0: no weight is above it
  double switch_weight = std::numeric_limits<double>::infinity();  // τ >= 0, of switch_dr
  double shrinkage = std::numeric_limits<double>::infinity();      // λ > 0, of dros
};

// Near the ends of the range of double, r and q are divided by 2^reward_exponent, the weights by
// 2^weight_exponent and v by both; else both are 0.
struct PolicyRow {
  double reward = 0.0;
  double weight = 0.0;     // w
  double predicted = 0.0;  // q; dr and its kin
  double expected = 0.0;   // v; the same and dm
  double switched = 0.0;   // w where w <= τ, else 0
  double shrunk = 0.0;     // λ w / (w² + λ)
  int reward_exponent = 0;
  int weight_exponent = 0;
};

// The row with its exponents. All numbers are finite, but for limits; propensity in (0, 1], target in [0, 1].
PolicyRow policy_row(double reward, double propensity, double target, const WeightLimits& limits, double predicted,
                     double expected);

struct PolicyTerm {
  double part;   // / 2^part_exponent
  double whole;  // / 2^whole_exponent
  int part_exponent = 0;
  int whole_exponent = 0;
};

// The importance weight. REQUIRES: propensity in (0, 1], target in [0, 1], clip > 0.
double importance_weight(double propensity, double target, double clip);

// The mean reward as logged: the value of the logging policy.
PolicyTerm logged(const PolicyRow& row);

// Inverse propensity scoring (Horvitz and Thompson 1952): mean w r. Unbiased
// without clipping, where the logging policy shows all that the target would.
PolicyTerm ips(const PolicyRow& row);

// Self-normalised (Swaminathan and Joachims 2015): Σ w r / Σ w. Biased a little,
// varies less, stays within the range of the rewards. NaN where all w are 0.
PolicyTerm snips(const PolicyRow& row);

// Direct method: mean v. As good as the model.
PolicyTerm dm(const PolicyRow& row);

// Doubly robust (Dudik, Langford and Li 2011): mean v + w (r - q). Unbiased if
// either the propensities or the model are right.
PolicyTerm dr(const PolicyRow& row);

// Switch-DR (Wang, Agarwal and Dudik 2017), as obp has it: mean v + w (r - q) [w <= τ]. Where the weight is above
// τ the model is believed.
PolicyTerm switch_dr(const PolicyRow& row);

// DR with optimistic shrinkage (Su, Dimakopoulou, Krishnamurthy and Dudik 2020): mean v + λ w / (w² + λ) (r - q). A
// small λ is dm, a large one dr.
PolicyTerm dros(const PolicyRow& row);

// Self-normalised DR (Thomas and Brunskill 2016; Kallus and Uehara 2019): mean v + Σ w (r - q) / Σ w. This is the
// second ratio; the first is that of dm. NaN where all w are 0.
PolicyTerm sndr_correction(const PolicyRow& row);

// Kish's effective sample size (Σw)² / Σw²: so many rows would do, were all weights
// equal. NaN where all are 0.
class EffectiveSize {
 public:
  EffectiveSize() {
    sum_.resize(1);
    squares_.resize(1);
  }
  // weight · 2^exponent
  void add(double weight, int exponent = 0) {
    sum_.add(0, weight, exponent);
    squares_.add(0, weight * weight, 2 * exponent);
  }
  double value() const {
    const double sum = sum_.sums()[0];
    return scaled_up(sum * sum / squares_.sums()[0], 2 * sum_.exponent() - squares_.exponent());
  }
  // Σw / rows; infinite beyond the range of double.
  double mean(uint64_t rows) const { return scaled_up(sum_.sums()[0] / static_cast<double>(rows), sum_.exponent()); }

 private:
  ScaledSums sum_;
  ScaledSums squares_;
};

}  // namespace rec
