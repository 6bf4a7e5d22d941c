// Forms of cross-entropy against labels that are wrong, for all trainers by gradient steps. Symbols: p the
// probability that a model gives to what was chosen, l = -ln p its cross-entropy.
//
// smoothing E: what was chosen has the probability 1 - E in place of 1, and all that it is compared with, itself
//   included, share E (Szegedy et al. 2016, arXiv:1512.00567). Of a loss of pairs the label 1 is 1 - E/2, and 0 E/2.
// reweight β: the gradient of l times p^β, as R-CE of Wang et al. 2021 (arXiv:2006.04153) has it, whose weight counts
//   as a constant: it is that of (1 - p^β)/β, the loss of Zhang, Sabuncu 2018 (arXiv:1805.07836). As β falls to 0 this
//   becomes l; of β 1 it is 1 - p.
// truncate: what has the largest l of a batch is left out, as T-CE of Wang et al. has it: a share of the batch that
//   rises to P while training goes on.
// Thread rule: functions without state.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

namespace rec {

struct Logistic {
  double softplus;  // ln(1 + exp(x))
  double sigmoid;   // its slope
};

// Without overflow, of one exponential.
inline Logistic logistic(double x) {
  const double e = std::exp(-std::abs(x));
  return {std::max(x, 0.0) + std::log1p(e), (x > 0 ? 1.0 : e) / (1.0 + e)};
}

struct LossForm {
  double smoothing = 0.0;  // E, in [0, 1)
  double reweight = 0.0;   // β, at least 0

  // The loss of l, and what the gradient of l is multiplied by.
  struct Term {
    double loss;
    double factor;
  };
  Term term(double l) const {
    if (reweight == 0.0) return {l, 1.0};
    return {-std::expm1(-reweight * l) / reweight, std::exp(-reweight * l)};
  }

  // The loss of a pair and its slope by -x. x: the score, its sign changed where the label is 0; l = -ln σ(x);
  // miss = 1 - σ(x).
  struct PairTerm {
    double loss;
    double slope;
  };
  PairTerm pair_term(double x, double l, double miss) const {
    const Term its = term(l);
    const double half = smoothing / 2.0;
    return {its.loss + half * x, miss * its.factor - half};
  }
};

struct Truncation {
  double share = 0.0;  // P, in [0, 1)
  int epochs = 10;     // in which the share rises from 0 to P

  bool any() const { return share > 0.0; }
  // How many of n are left out in the step that begins after `passed` epochs, a part of one included.
  size_t count(size_t n, double passed) const {
    const double risen = epochs > 0 ? std::min(1.0, passed / epochs) : 1.0;
    return static_cast<size_t>(share * risen * static_cast<double>(n));
  }
};

// The numbers of the `count` largest losses, ascending; of equal ones the later go first.
inline std::vector<uint32_t> largest_losses(std::span<const float> losses, size_t count) {
  std::vector<uint32_t> order(losses.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto of = [&](uint32_t at) {  // what is no number is the largest, and the step fails by it
    return std::isnan(losses[at]) ? std::numeric_limits<float>::infinity() : losses[at];
  };
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(order.begin(), middle, order.end(),
                   [&](uint32_t a, uint32_t b) { return of(a) != of(b) ? of(a) > of(b) : a > b; });
  order.resize(count);
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace rec
