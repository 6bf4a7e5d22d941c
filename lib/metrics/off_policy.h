// Off-policy value: what reward a target policy would have had, from a log of what
// another policy showed, the probability that it did so (the propensity), and the
// probability that the target policy would. For one row: r reward, e propensity,
// t target probability, q the reward that a model predicts for the item shown, v
// the model's expected reward under the target policy, w = min(t / e, clip).
// A value is Σ part / Σ whole over rows. Thread rule: plain data, pure functions.
#pragma once

#include <cstdint>

namespace rec {

struct PolicyRow {
  double reward = 0.0;
  double weight = 0.0;     // w
  double predicted = 0.0;  // q; dr
  double expected = 0.0;   // v; dr and dm
};

struct PolicyTerm {
  double part;
  double whole;
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

// Kish's effective sample size (Σw)² / Σw²: so many rows would do, were all weights
// equal. NaN where all are 0.
class EffectiveSize {
 public:
  void add(double weight) {
    sum_ += weight;
    squares_ += weight * weight;
  }
  double value() const { return sum_ * sum_ / squares_; }
  double sum() const { return sum_; }

 private:
  double sum_ = 0.0;
  double squares_ = 0.0;
};

}  // namespace rec
