// The exponential of a vector's lanes, compiled once a Highway target: of what
// networks need, for arguments from -87 to 87. Included inside foreach_target: no
// pragma once.
// clang-format off
#if defined(REC_LINALG_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REC_LINALG_EXP_INL_H_
#undef REC_LINALG_EXP_INL_H_
#else
#define REC_LINALG_EXP_INL_H_
#endif
// clang-format on

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

constexpr float kExpLeast = -87.0f;

// 2^n·e^r with |r| <= ln2/2 and the polynomial of Cephes' expf, for |x| <= 87; relative
// error below 1e-6. n is read from the last bits of x/ln2 + 1.5·2^23, and added to the
// exponent of e^r.
template <class V>
HWY_INLINE V exp_near(V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::DFromV<V> d;
  const V magic = hn::Set(d, 12582912.0f);
  const V rounded = hn::MulAdd(x, hn::Set(d, 1.44269504088896341f), magic);
  const V n = hn::Sub(rounded, magic);
  V r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
  V q = hn::MulAdd(hn::Set(d, 1.9875691500e-4f), r, hn::Set(d, 1.3981999507e-3f));
  q = hn::MulAdd(q, r, hn::Set(d, 8.3334519073e-3f));
  q = hn::MulAdd(q, r, hn::Set(d, 4.1665795894e-2f));
  q = hn::MulAdd(q, r, hn::Set(d, 1.6666665459e-1f));
  q = hn::MulAdd(q, r, hn::Set(d, 5.0000001201e-1f));
  const V p = hn::Add(hn::MulAdd(q, hn::Mul(r, r), r), hn::Set(d, 1.0f));
  const hn::RebindToSigned<decltype(d)> di;
  return hn::BitCast(d, hn::Add(hn::BitCast(di, p), hn::ShiftLeft<23>(hn::BitCast(di, rounded))));
}

// The same, 0 below -87. x <= 87.
template <class V>
HWY_INLINE V exp_or_zero(V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  const V low = hn::Set(hn::DFromV<V>(), kExpLeast);
  return hn::IfThenElseZero(hn::Ge(x, low), exp_near(hn::Max(x, low)));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#endif  // include guard
