#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/optimizer.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "linalg/optimizer.h"

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class V>
HWY_INLINE V without_tiny(V x) {
  const hn::DFromV<V> d;
  return hn::IfThenElseZero(hn::Ge(hn::Abs(x), hn::Set(d, 0x1p-100f)), x);
}

// kernel(d, at) works on the Lanes(d) elements at `at`: whole vectors, then the rest
// one by one, with the same operations.
template <class Kernel>
HWY_INLINE void for_all(size_t count, Kernel kernel) {
  const hn::ScalableTag<float> whole;
  const hn::CappedTag<float, 1> single;
  size_t at = 0;
  for (; at + hn::Lanes(whole) <= count; at += hn::Lanes(whole)) kernel(whole, at);
  for (; at < count; ++at) kernel(single, at);
}

template <class D>
HWY_INLINE hn::Vec<D> gradient(D d, const OptimizerStep& step, float scale, const float* g, hn::Vec<D> w) {
  return hn::Add(hn::Mul(hn::Set(d, scale), hn::LoadU(d, g)), hn::Mul(hn::Set(d, step.decay), w));
}

void sgd_step(const OptimizerStep& step, float scale, float* HWY_RESTRICT w, const float* HWY_RESTRICT g,
              size_t count) {
  for_all(count, [&](auto d, size_t at) HWY_ATTR {
    const auto old = hn::LoadU(d, w + at);
    hn::StoreU(hn::Sub(old, hn::Mul(hn::Set(d, step.rate), gradient(d, step, scale, g + at, old))), d, w + at);
  });
}

void adagrad_step(const OptimizerStep& step, float scale, float* HWY_RESTRICT w, const float* HWY_RESTRICT g,
                  float* HWY_RESTRICT v, size_t count) {
  for_all(count, [&](auto d, size_t at) HWY_ATTR {
    const auto old = hn::LoadU(d, w + at);
    const auto slope = gradient(d, step, scale, g + at, old);
    const auto squares = without_tiny(hn::Add(hn::LoadU(d, v + at), hn::Mul(slope, slope)));
    hn::StoreU(squares, d, v + at);
    const auto divisor = hn::Add(hn::Sqrt(squares), hn::Set(d, step.epsilon));
    hn::StoreU(hn::Sub(old, hn::Div(hn::Mul(hn::Set(d, step.rate), slope), divisor)), d, w + at);
  });
}

void adam_step(const OptimizerStep& step, float scale, float* HWY_RESTRICT w, const float* HWY_RESTRICT g,
               float* HWY_RESTRICT m, float* HWY_RESTRICT v, size_t count) {
  for_all(count, [&](auto d, size_t at) HWY_ATTR {
    const auto old = hn::LoadU(d, w + at);
    const auto slope = gradient(d, step, scale, g + at, old);
    const auto mean = without_tiny(
        hn::Add(hn::Mul(hn::Set(d, step.beta1), hn::LoadU(d, m + at)), hn::Mul(hn::Set(d, step.rest1), slope)));
    const auto squares = without_tiny(hn::Add(hn::Mul(hn::Set(d, step.beta2), hn::LoadU(d, v + at)),
                                              hn::Mul(hn::Set(d, step.rest2), hn::Mul(slope, slope))));
    hn::StoreU(mean, d, m + at);
    hn::StoreU(squares, d, v + at);
    const auto divisor = hn::Add(hn::Mul(hn::Sqrt(squares), hn::Set(d, step.correct2)), hn::Set(d, step.epsilon));
    hn::StoreU(hn::Sub(hn::Mul(old, hn::Set(d, step.keep)), hn::Div(hn::Mul(hn::Set(d, step.rate), mean), divisor)), d,
               w + at);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {

HWY_EXPORT(sgd_step);
HWY_EXPORT(adagrad_step);
HWY_EXPORT(adam_step);

namespace {

bool has_first(OptimizerKind kind) { return kind == OptimizerKind::kAdam || kind == OptimizerKind::kAdamW; }
bool has_second(OptimizerKind kind) { return kind != OptimizerKind::kSgd; }

}  // namespace

Optimizer::Optimizer(const OptimizerOptions& options, size_t n)
    : options_(options),
      first_(has_first(options.kind) ? n : 0, 0.0f),
      second_(has_second(options.kind) ? n : 0, 0.0f) {}

void Optimizer::begin_step(double rate) {
  ++step_;
  const auto t = static_cast<double>(step_);
  const bool adam = has_first(options_.kind);
  const bool apart = options_.kind == OptimizerKind::kAdamW;
  const auto f = [](double x) { return static_cast<float>(x); };
  now_.rate = f(adam ? rate / (1.0 - std::pow(options_.beta1, t)) : rate);
  now_.decay = f(apart ? 0.0 : options_.weight_decay);
  now_.keep = f(apart ? 1.0 - rate * options_.weight_decay : 1.0);
  now_.beta1 = f(options_.beta1);
  now_.rest1 = f(1.0 - options_.beta1);
  now_.beta2 = f(options_.beta2);
  now_.rest2 = f(1.0 - options_.beta2);
  now_.correct2 = f(1.0 / std::sqrt(1.0 - std::pow(options_.beta2, t)));
  now_.epsilon = f(options_.epsilon);
}

void Optimizer::update(float* w, const float* g, size_t first, size_t count, float scale) {
  assert(step_ > 0);
  switch (options_.kind) {
    case OptimizerKind::kSgd:
      HWY_DYNAMIC_DISPATCH(sgd_step)(now_, scale, w, g, count);
      break;
    case OptimizerKind::kAdagrad:
      HWY_DYNAMIC_DISPATCH(adagrad_step)(now_, scale, w, g, second_.data() + first, count);
      break;
    case OptimizerKind::kAdam:
    case OptimizerKind::kAdamW:
      HWY_DYNAMIC_DISPATCH(adam_step)(now_, scale, w, g, first_.data() + first, second_.data() + first, count);
      break;
  }
}

void Optimizer::restore(uint64_t step, std::span<const float> first_moment, std::span<const float> second_moment) {
  if (first_moment.size() != first_.size() || second_moment.size() != second_.size()) {
    fail("the optimiser's state has {} and {} values, expected {} and {}", first_moment.size(), second_moment.size(),
         first_.size(), second_.size());
  }
  step_ = step;
  std::copy(first_moment.begin(), first_moment.end(), first_.begin());
  std::copy(second_moment.begin(), second_moment.end(), second_.begin());
}

double rate_at(const Schedule& schedule, uint64_t step, uint64_t total_steps) {
  if (step <= schedule.warmup) return schedule.rate * static_cast<double>(step) / static_cast<double>(schedule.warmup);
  if (schedule.kind == ScheduleKind::kConstant) return schedule.rate;
  const uint64_t last = std::max(total_steps, schedule.warmup + 1);
  const double done =
      static_cast<double>(std::min(step, last) - 1 - schedule.warmup) / static_cast<double>(last - schedule.warmup);
  return schedule.rate *
         (schedule.kind == ScheduleKind::kLinear ? 1.0 - done : 0.5 * (1.0 + std::cos(std::numbers::pi * done)));
}

}  // namespace rec
#endif
