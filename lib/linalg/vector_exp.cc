#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/vector_exp.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <cmath>

#include "linalg/exp-inl.h"
#include "linalg/vector_exp.h"

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
constexpr D kD;

// f of whole vectors, the last one filled up with zeros.
template <class F>
HWY_INLINE void apply(float* x, size_t n, F f) {
  const size_t lanes = hn::Lanes(kD);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(f(hn::LoadU(kD, x + i)), kD, x + i);
  if (i == n) return;
  HWY_ALIGN float rest[hn::MaxLanes(kD)] = {};
  std::copy(x + i, x + n, rest);
  hn::Store(f(hn::Load(kD, rest)), kD, rest);
  std::copy_n(rest, n - i, x + i);
}

using V = hn::Vec<D>;
// hn::Exp wants arguments that its powers of two can express.
constexpr float kGreatest = 88.0f;
constexpr size_t kSums = 16;  // partial sums of exp_shifted

HWY_INLINE V exp_of(V x) {
  const V low = hn::Set(kD, kExpLeast);
  const V e = hn::Exp(kD, hn::Min(hn::Max(x, low), hn::Set(kD, kGreatest)));
  const V zero_below = hn::IfThenZeroElse(hn::Lt(x, low), e);
  return hn::IfThenElse(hn::IsNaN(x), x, zero_below);
}

void exp_floats(float* x, size_t n) {
  apply(x, n, [](V v) HWY_ATTR { return exp_of(v); });
}

float exp_shifted_floats(float* x, size_t n, float shift) {
  const size_t lanes = hn::Lanes(kD);
  const V by = hn::Set(kD, shift);
  const auto term = [&](V v) HWY_ATTR { return exp_or_zero(hn::Sub(v, by)); };
  HWY_ALIGN float sums[kSums] = {};
  size_t i = 0;
  if (lanes == kSums) {
    V sum = hn::Zero(kD);
    for (; i + kSums <= n; i += kSums) {
      const V e = term(hn::LoadU(kD, x + i));
      hn::StoreU(e, kD, x + i);
      sum = hn::Add(sum, e);
    }
    hn::Store(sum, kD, sums);
  } else if (kSums % lanes == 0) {
    for (; i + kSums <= n; i += kSums) {
      for (size_t part = 0; part < kSums; part += lanes) {
        const V e = term(hn::LoadU(kD, x + i + part));
        hn::StoreU(e, kD, x + i + part);
        hn::Store(hn::Add(hn::Load(kD, sums + part), e), kD, sums + part);
      }
    }
  }
  HWY_ALIGN float one[hn::MaxLanes(kD)] = {};
  for (size_t lane = 0; i < n; ++i, lane = (lane + 1) % kSums) {
    std::fill_n(one, hn::MaxLanes(kD), x[i]);
    hn::Store(term(hn::Load(kD, one)), kD, one);
    sums[lane] += x[i] = one[0];
  }
  for (size_t half = kSums / 2; half > 0; half /= 2) {
    for (size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  }
  return sums[0];
}

void exp_less_floats(size_t R, size_t C, const float* shift, float* x, size_t stride, float* sum) {
  const hn::CappedTag<float, kSums> d;
  for (size_t c = 0; c < C; c += hn::Lanes(d)) {
    const auto by = hn::LoadU(d, shift + c);
    auto total = hn::Zero(d);
    for (size_t r = 0; r < R; ++r) {
      const auto e = exp_or_zero(hn::Sub(hn::LoadU(d, x + r * stride + c), by));
      hn::StoreU(e, d, x + r * stride + c);
      total = hn::Add(total, e);
    }
    hn::StoreU(hn::Add(hn::LoadU(d, sum + c), total), d, sum + c);
  }
}

void sigmoid_floats(float* x, size_t n) {
  apply(x, n, [](V v) HWY_ATTR {
    const V one = hn::Set(kD, 1.0f);
    return hn::Div(one, hn::Add(one, exp_of(hn::Neg(v))));
  });
}

void tanh_floats(float* x, size_t n) {
  apply(x, n, [](V v) HWY_ATTR {
    const V one = hn::Set(kD, 1.0f);
    // 1 - 2 / (1 + e^2v); near 0, where that cancels, the series v - v³/3 + 2v⁵/15 - 17v⁷/315.
    const V far = hn::Sub(one, hn::Div(hn::Set(kD, 2.0f), hn::Add(one, exp_of(hn::Add(v, v)))));
    const V square = hn::Mul(v, v);
    V series = hn::Set(kD, 62.0f / 2835.0f);
    series = hn::MulAdd(series, square, hn::Set(kD, -17.0f / 315.0f));
    series = hn::MulAdd(series, square, hn::Set(kD, 2.0f / 15.0f));
    series = hn::MulAdd(series, square, hn::Set(kD, -1.0f / 3.0f));
    const V near = hn::MulAdd(hn::Mul(series, square), v, v);
    return hn::IfThenElse(hn::Lt(hn::Abs(v), hn::Set(kD, 0.25f)), near, far);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {
namespace {

HWY_EXPORT(exp_floats);
HWY_EXPORT(exp_shifted_floats);
HWY_EXPORT(exp_less_floats);
HWY_EXPORT(sigmoid_floats);
HWY_EXPORT(tanh_floats);

}  // namespace

void exp_all(float* x, size_t n) { HWY_DYNAMIC_DISPATCH(exp_floats)(x, n); }
void sigmoid_all(float* x, size_t n) { HWY_DYNAMIC_DISPATCH(sigmoid_floats)(x, n); }
void tanh_all(float* x, size_t n) { HWY_DYNAMIC_DISPATCH(tanh_floats)(x, n); }

float exp_shifted(float* x, size_t n, float shift) { return HWY_DYNAMIC_DISPATCH(exp_shifted_floats)(x, n, shift); }

double exp_shifted(double* x, size_t n, double shift) {
  double sums[16] = {};
  for (size_t i = 0; i < n; ++i) {
    x[i] = x[i] - shift < -87.0 ? 0.0 : std::exp(x[i] - shift);
    sums[i % 16] += x[i];
  }
  for (size_t half = 8; half > 0; half /= 2) {
    for (size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  }
  return sums[0];
}

void exp_less(size_t R, size_t C, const float* shift, float* x, size_t stride, float* sum) {
  HWY_DYNAMIC_DISPATCH(exp_less_floats)(R, C, shift, x, stride, sum);
}

void exp_less(size_t R, size_t C, const double* shift, double* x, size_t stride, double* sum) {
  for (size_t c = 0; c < C; ++c) {
    double total = 0.0;
    for (size_t r = 0; r < R; ++r) {
      double& value = x[r * stride + c];
      value = value - shift[c] < -87.0 ? 0.0 : std::exp(value - shift[c]);
      total += value;
    }
    sum[c] += total;
  }
}

void exp_all(double* x, size_t n) {
  for (size_t i = 0; i < n; ++i) x[i] = std::exp(x[i]);
}
void sigmoid_all(double* x, size_t n) {
  for (size_t i = 0; i < n; ++i) x[i] = 1.0 / (1.0 + std::exp(-x[i]));
}
void tanh_all(double* x, size_t n) {
  for (size_t i = 0; i < n; ++i) x[i] = std::tanh(x[i]);
}

}  // namespace rec
#endif
