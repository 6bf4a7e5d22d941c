#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/activations.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "linalg/activations.h"
#include "linalg/plain.h"
#include "linalg/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

#if REC_PLAIN_TARGET

void tanh_scores(const float* a, const float* const* rows, size_t n, size_t size, const float* v, float* out) {
  plain::tanh_scores(a, rows, n, size, v, out);
}
void add_relu(const float* a, const float* x, size_t n, float* out) { plain::add_relu(a, x, n, out); }
void log_mean_floats(const float* s, size_t K, size_t stride, size_t n, float* out) {
  plain::log_mean_exp(s, K, stride, n, out);
}
void log_floats(float* x, size_t n) { plain::log_all(x, n); }

#else

// The twins of plain.h in every lane, for whole vectors and, by the same operations,
// for the values that are left.
template <class T>
HWY_INLINE T exp_of(T x) {
  const hn::DFromV<T> d;
  const hn::RebindToSigned<decltype(d)> di;
  x = hn::Min(hn::Max(x, hn::Set(d, plain::kExpLeast)), hn::Set(d, plain::kExpGreatest));
  const T n = hn::Round(hn::Mul(x, hn::Set(d, plain::kLog2E)));
  const T r = hn::MulAdd(n, hn::Set(d, -plain::kLn2Lo), hn::MulAdd(n, hn::Set(d, -plain::kLn2Hi), x));
  T q = hn::Set(d, plain::kExpPoly[0]);
#pragma GCC unroll 5
  for (int i = 1; i < 6; ++i) q = hn::MulAdd(q, r, hn::Set(d, plain::kExpPoly[i]));
  const T p = hn::Add(hn::MulAdd(q, hn::Mul(r, r), r), hn::Set(d, 1.0f));
  return hn::Mul(p, hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(hn::ConvertTo(di, n), hn::Set(di, 127)))));
}

template <class T>
HWY_INLINE T tanh_of(T x) {
  const hn::DFromV<T> d;
  const T one = hn::Set(d, 1.0f);
  const T e = exp_of(hn::Mul(hn::Set(d, -2.0f), hn::Abs(x)));
  return hn::CopySignToAbs(hn::Div(hn::Sub(one, e), hn::Add(one, e)), x);
}

template <class T>
HWY_INLINE T log_of(T x) {
  const hn::DFromV<T> d;
  const hn::RebindToSigned<decltype(d)> di;
  const auto bits = hn::Sub(hn::BitCast(di, x), hn::Set(di, plain::kSqrtHalfBits));
  const auto power = hn::ShiftRight<23>(bits);
  const T e = hn::ConvertTo(d, power);
  const T z = hn::Sub(hn::BitCast(d, hn::Sub(hn::BitCast(di, x), hn::ShiftLeft<23>(power))), hn::Set(d, 1.0f));
  T q = hn::Set(d, plain::kLogPoly[0]);
#pragma GCC unroll 8
  for (int i = 1; i < 9; ++i) q = hn::MulAdd(q, z, hn::Set(d, plain::kLogPoly[i]));
  const T square = hn::Mul(z, z);
  T y = hn::Mul(hn::Mul(q, z), square);
  y = hn::MulAdd(e, hn::Set(d, plain::kLn2Lo), y);
  y = hn::MulAdd(square, hn::Set(d, -0.5f), y);
  return hn::MulAdd(e, hn::Set(d, plain::kLn2Hi), hn::Add(z, y));
}

void tanh_scores(const float* a, const float* const* rows, size_t n, size_t size, const float* v, float* out) {
  for (size_t i = 0; i < n; ++i) {
    V acc[kParts];
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) acc[part] = hn::Zero(kD);
    for (size_t f = 0; f < size; f += kLanes16) {
#pragma GCC unroll 4
      for (int part = 0; part < kParts; ++part) {
        const size_t at = f + static_cast<size_t>(part * kLanes);
        const V t = tanh_of(hn::Add(hn::LoadU(kD, a + at), hn::LoadU(kD, rows[i] + at)));
        acc[part] = hn::MulAdd(hn::LoadU(kD, v + at), t, acc[part]);
      }
    }
    alignas(64) float lane[kLanes16];
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) hn::StoreU(acc[part], kD, lane + part * kLanes);
    for (size_t half = kLanes16 / 2; half > 0; half /= 2) {
      for (size_t j = 0; j < half; ++j) lane[j] += lane[j + half];
    }
    out[i] = lane[0];
  }
}

void add_relu(const float* a, const float* x, size_t n, float* out) {
  for_all(n, [&](auto d, size_t at) HWY_ATTR {
    hn::StoreU(hn::Max(hn::Add(hn::LoadU(d, a + at), hn::LoadU(d, x + at)), hn::Zero(d)), d, out + at);
  });
}

void log_floats(float* x, size_t n) {
  for_all(n, [&](auto d, size_t at) HWY_ATTR {
    hn::StoreU(log_of(hn::Max(hn::LoadU(d, x + at), hn::Set(d, plain::kLeastNormal))), d, x + at);
  });
}

void log_mean_floats(const float* s, size_t K, size_t stride, size_t n, float* out) {
  const float share = 1.0f / static_cast<float>(K);
  for_all(n, [&](auto d, size_t at) HWY_ATTR {
    auto most = hn::LoadU(d, s + at);
    for (size_t k = 1; k < K; ++k) most = hn::Max(most, hn::LoadU(d, s + k * stride + at));
    auto sum = hn::Zero(d);
    for (size_t k = 0; k < K; ++k) sum = hn::Add(sum, exp_of(hn::Sub(hn::LoadU(d, s + k * stride + at), most)));
    hn::StoreU(hn::Add(most, log_of(hn::Mul(sum, hn::Set(d, share)))), d, out + at);
  });
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {

HWY_EXPORT(tanh_scores);
HWY_EXPORT(add_relu);
HWY_EXPORT(log_mean_floats);
HWY_EXPORT(log_floats);

void tanh_scores(const float* a, const float* const* rows, size_t n, size_t D, const float* v, float* out) {
  HWY_DYNAMIC_DISPATCH(tanh_scores)(a, rows, n, D, v, out);
}
void add_relu(const float* a, const float* x, size_t n, float* out) { HWY_DYNAMIC_DISPATCH(add_relu)(a, x, n, out); }
void log_mean_exp(const float* s, size_t K, size_t stride, size_t n, float* out) {
  HWY_DYNAMIC_DISPATCH(log_mean_floats)(s, K, stride, n, out);
}
void log_all(float* x, size_t n) { HWY_DYNAMIC_DISPATCH(log_floats)(x, n); }

void log_mean_exp(const double* s, size_t K, size_t stride, size_t n, double* out) {
  for (size_t i = 0; i < n; ++i) {
    double most = s[i];
    for (size_t k = 1; k < K; ++k) most = std::max(most, s[k * stride + i]);
    double sum = 0.0;
    for (size_t k = 0; k < K; ++k) sum += std::exp(s[k * stride + i] - most);
    out[i] = most + std::log(sum / static_cast<double>(K));
  }
}

void log_all(double* x, size_t n) {
  for (size_t i = 0; i < n; ++i) x[i] = std::log(x[i]);
}

}  // namespace rec
#endif
