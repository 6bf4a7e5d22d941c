#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/softmax.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "linalg/plain.h"
#include "linalg/softmax.h"
#include "linalg/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

#if REC_PLAIN_TARGET

float max_of(const float* g, size_t n, float m) {
  for (size_t i = 0; i < n; ++i) m = std::max(m, g[i]);
  return m;
}

double exp_sum(const float* g, size_t n, float m, plain::InverseTau inverse, plain::SumGrid grid, float* terms) {
  const double sum = plain::exp_sum(g, n, m, inverse, grid);
  if (terms) {
    for (size_t i = 0; i < n; ++i) terms[i] = plain::exp_term(g[i], m, inverse);
  }
  return sum;
}

void scale_by(float* values, size_t n, float scale) {
  for (size_t i = 0; i < n; ++i) values[i] *= scale;
}

#else

float max_of(const float* g, size_t n, float m) {
  // Several chains: one would wait for the latency of the maximum.
  V best[4] = {hn::Set(kD, m), hn::Set(kD, m), hn::Set(kD, m), hn::Set(kD, m)};
  size_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
#pragma GCC unroll 4
    for (size_t j = 0; j < 4; ++j) best[j] = hn::Max(best[j], hn::LoadU(kD, g + i + j * kLanes));
  }
  const V all = hn::Max(hn::Max(best[0], best[1]), hn::Max(best[2], best[3]));
  m = hn::GetLane(hn::MaxOfLanes(kD, all));
  for (; i < n; ++i) m = std::max(m, g[i]);
  return m;
}

// plain::exp_term in every lane.
HWY_INLINE V exp_terms(V g, V m, V inv_hi, V inv_lo) {
  const hn::RebindToSigned<D> di;
  const V d = hn::Sub(g, m);
  const V zh = hn::Mul(d, inv_hi);
  const V bb = hn::Sub(d, g);
  const V rest = hn::Sub(hn::Sub(g, hn::Sub(d, bb)), hn::Add(m, bb));
  V zl = hn::MulSub(d, inv_hi, zh);
  zl = hn::MulAdd(d, inv_lo, zl);
  zl = hn::MulAdd(rest, inv_hi, zl);
  const V n = hn::Round(hn::Mul(zh, hn::Set(kD, plain::kLog2E)));
  V r = hn::MulAdd(n, hn::Set(kD, -plain::kLn2Hi), zh);
  r = hn::Add(r, hn::MulAdd(n, hn::Set(kD, -plain::kLn2Lo), zl));
  V q = hn::Set(kD, plain::kExpPoly[0]);
#pragma GCC unroll 5
  for (int i = 1; i < 6; ++i) q = hn::MulAdd(q, r, hn::Set(kD, plain::kExpPoly[i]));
  const V p = hn::Add(hn::MulAdd(q, hn::Mul(r, r), r), hn::Set(kD, 1.0f));
  const auto power = hn::ConvertTo(di, n);
  const auto half = hn::ShiftRight<1>(power);
  const auto bias = hn::Set(di, 127);
  const V first = hn::BitCast(kD, hn::ShiftLeft<23>(hn::Add(half, bias)));
  const V second = hn::BitCast(kD, hn::ShiftLeft<23>(hn::Add(hn::Sub(power, half), bias)));
  return hn::IfThenElseZero(hn::Gt(zh, hn::Set(kD, plain::kExpCutoff)), hn::Mul(hn::Mul(p, first), second));
}

// Returns the sum; writes the terms where `terms` is not null (it may be g).
double exp_sum(const float* g, size_t n, float m, plain::InverseTau inverse, plain::SumGrid grid, float* terms) {
  const hn::Repartition<double, D> dd;
  const hn::Half<D> dh;
  const V mv = hn::Set(kD, m);
  const V hi = hn::Set(kD, inverse.hi);
  const V lo = hn::Set(kD, inverse.lo);
  using VD = hn::Vec<decltype(dd)>;
  const VD grid_hi = hn::Set(dd, grid.hi);
  const VD grid_lo = hn::Set(dd, grid.lo);
  VD sums[2 * kParts];
  VD rests[2 * kParts];
#pragma GCC unroll 8
  for (int s = 0; s < 2 * kParts; ++s) sums[s] = rests[s] = hn::Zero(dd);
  for (size_t i = 0; i < n; i += kLanes16) {
    alignas(64) float last[kLanes16];
    const float* from = g + i;
    if (n - i < kLanes16) {
      std::fill_n(last, kLanes16, -std::numeric_limits<float>::infinity());
      std::copy_n(from, n - i, last);
      from = last;
    }
    V e[kParts];
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) {
      e[part] = exp_terms(hn::LoadU(kD, from + part * kLanes), mv, hi, lo);
      const VD terms_in_double[2] = {hn::PromoteTo(dd, hn::LowerHalf(dh, e[part])),
                                     hn::PromoteTo(dd, hn::UpperHalf(dh, e[part]))};
#pragma GCC unroll 2
      for (int half = 0; half < 2; ++half) {
        const VD term = terms_in_double[half];
        const VD on_grid = hn::Sub(hn::Add(term, grid_hi), grid_hi);
        VD& sum = sums[2 * part + half];
        VD& rest = rests[2 * part + half];
        sum = hn::Add(sum, on_grid);
        rest = hn::Add(rest, hn::Sub(hn::Add(hn::Sub(term, on_grid), grid_lo), grid_lo));
      }
    }
    if (terms) {
      float* to = n - i < kLanes16 ? last : terms + i;
#pragma GCC unroll 4
      for (int part = 0; part < kParts; ++part) hn::StoreU(e[part], kD, to + part * kLanes);
      if (to == last) std::copy_n(last, n - i, terms + i);
    }
  }
  alignas(64) double lanes[kLanes16];
  alignas(64) double low[kLanes16];
#pragma GCC unroll 8
  for (int s = 0; s < 2 * kParts; ++s) {
    hn::Store(sums[s], dd, lanes + s * (kLanes / 2));
    hn::Store(rests[s], dd, low + s * (kLanes / 2));
  }
  double sum = 0.0;
  double rest = 0.0;
  for (double lane : lanes) sum += lane;
  for (double lane : low) rest += lane;
  return sum + rest;
}

void scale_by(float* values, size_t n, float scale) {
  const V sv = hn::Set(kD, scale);
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) hn::StoreU(hn::Mul(hn::LoadU(kD, values + i), sv), kD, values + i);
  for (; i < n; ++i) values[i] *= scale;
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {
namespace {

HWY_EXPORT(max_of);
HWY_EXPORT(exp_sum);
HWY_EXPORT(scale_by);

constexpr float kInfinity = std::numeric_limits<float>::infinity();

float reciprocal(double sum) { return sum > 0.0 ? static_cast<float>(1.0 / sum) : 0.0f; }

}  // namespace

void softmax(const float* scores, size_t n, double tau, float* alpha) {
  assert(tau > 0.0);
  const float m = HWY_DYNAMIC_DISPATCH(max_of)(scores, n, -kInfinity);
  const double sum = HWY_DYNAMIC_DISPATCH(exp_sum)(scores, n, m, plain::inverse_tau(tau), plain::sum_grid(n), alpha);
  HWY_DYNAMIC_DISPATCH(scale_by)(alpha, n, reciprocal(sum));
}

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
  const float m = HWY_DYNAMIC_DISPATCH(max_of)(scores, n, max_);
  if (m > max_) {
    sum_ *= std::exp((static_cast<double>(max_) - static_cast<double>(m)) / tau_);
    max_ = m;
  }
  sum_ += HWY_DYNAMIC_DISPATCH(exp_sum)(scores, n, max_, {inv_hi_, inv_lo_}, {}, nullptr);
}

double SoftmaxSum::log_sum_exp() const {
  return sum_ > 0.0 ? static_cast<double>(max_) / tau_ + std::log(sum_) : -std::numeric_limits<double>::infinity();
}

void SoftmaxSum::weights(const float* scores, size_t n, float* alpha) const {
  HWY_DYNAMIC_DISPATCH(exp_sum)(scores, n, max_, {inv_hi_, inv_lo_}, {}, alpha);
  HWY_DYNAMIC_DISPATCH(scale_by)(alpha, n, reciprocal(sum_));
}

float SoftmaxSum::weight(float score) const {
  return plain::exp_term(score, max_, {inv_hi_, inv_lo_}) * reciprocal(sum_);
}

}  // namespace rec
#endif
