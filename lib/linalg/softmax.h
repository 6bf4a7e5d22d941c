// Softmax with temperature τ: α_i = exp((g_i - m)/τ) / S, m = max g,
// S = Σ exp((g_i - m)/τ). n scores; -infinity is allowed and gets the weight 0.
// Relative error below 1e-6 while α_i is a normal float (>= 1.2e-38).
// Terms are float32 with a stated arithmetic (plain::exp_term); S is a double in
// 16 partial sums, i mod 16, each in ascending i, added in ascending order: the
// bits depend on neither vector width nor threads.
// REQUIRES, everywhere: τ > 0 (values outside [1e-30, 1e30] count as the nearer
// end); scores below +infinity, no NaN.
#pragma once

#include <cstddef>

namespace rec {

// alpha may be scores. If all scores are -infinity all weights are 0. S is summed
// exactly (plain::sum_grid): the weight of a score depends on the set of scores,
// not on their order.
void softmax(const float* scores, size_t n, double tau, float* alpha);

// The same in two passes over blocks of a catalogue: add() every block, then
// weights() on every block again. The sum depends on the blocks' boundaries (by
// rounding only), so keep them fixed: not a function of -j.
class SoftmaxSum {
 public:
  explicit SoftmaxSum(double tau);

  void reset();
  void add(const float* scores, size_t n);

  float max() const { return max_; }   // -infinity before any finite score
  double sum() const { return sum_; }  // S: Σ exp((g - max)/τ)
  double log_sum_exp() const;          // log Σ exp(g/τ); -infinity if none
  // alpha[i] = exp((scores[i] - max)/τ) / S. Scores above max() are a bug.
  void weights(const float* scores, size_t n, float* alpha) const;
  float weight(float score) const;

 private:
  double tau_;
  float inv_hi_;  // 1/τ in two floats
  float inv_lo_;
  float max_;
  double sum_;
};

}  // namespace rec
