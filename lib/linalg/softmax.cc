#include "linalg/softmax.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "linalg/plain.h"

namespace rec {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

void softmax(const float* scores, size_t n, double tau, float* alpha) { plain::softmax(scores, n, tau, alpha); }

SoftmaxSum::SoftmaxSum(double tau) : tau_(std::min(std::max(tau, 1e-30), 1e30)) {
  assert(tau > 0.0);
  const plain::InverseTau inverse = plain::inverse_tau(tau);
  inv_hi_ = inverse.hi;
  inv_lo_ = inverse.lo;
  reset();
}

void SoftmaxSum::reset() {
  max_ = -kInfinity;
  sum_ = 0.0;
}

void SoftmaxSum::add(const float* scores, size_t n) {
  float m = max_;
  for (size_t i = 0; i < n; ++i) m = std::max(m, scores[i]);
  if (m > max_) {
    sum_ *= std::exp((static_cast<double>(max_) - static_cast<double>(m)) / tau_);
    max_ = m;
  }
  sum_ += plain::exp_sum(scores, n, max_, {inv_hi_, inv_lo_});
}

double SoftmaxSum::log_sum_exp() const {
  return sum_ > 0.0 ? static_cast<double>(max_) / tau_ + std::log(sum_) : -std::numeric_limits<double>::infinity();
}

void SoftmaxSum::shares(const float* scores, size_t n, float* alpha) const {
  plain::exp_shares(scores, n, max_, sum_, {inv_hi_, inv_lo_}, alpha);
}

float SoftmaxSum::share(float score) const {
  float alpha;
  plain::exp_shares(&score, 1, max_, sum_, {inv_hi_, inv_lo_}, &alpha);
  return alpha;
}

}  // namespace rec
