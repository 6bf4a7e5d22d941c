// First-order optimisers over n parameters, element by element, and the learning
// rate's schedule. In each step every element depends on its own parameter, gradient
// and state alone, in plain float32 (no fused operation): the same bits for every
// vector width, and threads may share out ranges that do not overlap.
//
//   g' = scale·g + decay·w (AdamW: scale·g), t the number of the step from 1
//   sgd      w -= rate·g'
//   adagrad  v += g'^2;  w -= rate·g' / (sqrt(v) + ε)
//   adam     m = β1·m + (1 - β1)·g';  v = β2·v + (1 - β2)·g'^2
//            w -= (rate / (1 - β1^t))·m / (sqrt(v)·(1 / sqrt(1 - β2^t)) + ε)
//   adamw    w -= rate·decay·w, then as adam
// m and v below 2^-100 count as 0: what they would add is far below ε, and numbers
// below the normal range are slow. (Kingma, Ba 2015, arXiv:1412.6980; Loshchilov,
// Hutter 2019, arXiv:1711.05101; Duchi, Hazan, Singer 2011.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/option.h"
#include "linalg/matrix.h"

namespace rec {

enum class OptimizerKind { kSgd, kAdagrad, kAdam, kAdamW };
inline constexpr Named<OptimizerKind> kOptimizers[] = {{"sgd", OptimizerKind::kSgd},
                                                       {"adagrad", OptimizerKind::kAdagrad},
                                                       {"adam", OptimizerKind::kAdam},
                                                       {"adamw", OptimizerKind::kAdamW}};

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kAdam;
  double beta1 = 0.9;  // of Adam and AdamW, as beta2: at least 0, below 1
  double beta2 = 0.999;
  double epsilon = 1e-8;      // above 0; of all but SGD
  double weight_decay = 0.0;  // added to the gradient times w (L2); AdamW: apart from it
};

// A step's numbers, rounded once; the scale of the gradients is update()'s own.
struct OptimizerStep {
  float rate = 0, decay = 0, keep = 1, beta1 = 0, rest1 = 0, beta2 = 0, rest2 = 0, correct2 = 0, epsilon = 0;
};

class Optimizer {
 public:
  Optimizer(const OptimizerOptions& options, size_t n);

  // Opens the next step, at this learning rate. Not while update() runs.
  void begin_step(double rate);
  // Moves parameters first..first+count, which `w` and `g` point at, by the gradients
  // scale·g. Each parameter at most once a step; one left out keeps its m and v.
  void update(float* w, const float* g, size_t first, size_t count, float scale = 1.0f);

  // What the next step depends on, for checkpoints; m and v are empty where the kind
  // has none.
  uint64_t step() const { return step_; }
  std::span<const float> first_moment() const { return first_; }
  std::span<const float> second_moment() const { return second_; }
  // Throws Error where a length does not fit.
  void restore(uint64_t step, std::span<const float> first_moment, std::span<const float> second_moment);

 private:
  OptimizerOptions options_;
  uint64_t step_ = 0;
  OptimizerStep now_;
  AlignedBuffer<float> first_;
  AlignedBuffer<float> second_;
};

enum class ScheduleKind { kConstant, kLinear, kCosine };
inline constexpr Named<ScheduleKind> kSchedules[] = {
    {"constant", ScheduleKind::kConstant}, {"linear", ScheduleKind::kLinear}, {"cosine", ScheduleKind::kCosine}};

struct Schedule {
  ScheduleKind kind = ScheduleKind::kConstant;
  double rate = 1e-3;   // the highest
  uint64_t warmup = 0;  // steps in which it rises to that, in proportion
};

// The rate of step 1..total. With p the share of the steps after the warm-up that
// are done before this one: constant rate, linear rate·(1 - p), cosine
// rate·(1 + cos(πp))/2. Steps beyond the total count as the last.
double rate_at(const Schedule& schedule, uint64_t step, uint64_t total_steps);

}  // namespace rec
