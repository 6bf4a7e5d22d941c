#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/sgd/network_layers.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "linalg/exp-inl.h"
#include "linalg/tile-inl.h"
#include "models/sgd/network_layers.h"

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

#if REC_PLAIN_TARGET

void norm_rows(size_t n, size_t d, const float* x, const float* gain, const float* bias, float* unit, float* inverse,
               float* out) {
  rec::norm<float>(n, d, x, gain, bias, unit, inverse, out);
}

void norm_rows_back(size_t n, size_t d, const float* unit, const float* inverse, const float* gain, const float* d_out,
                    float* d_x, float* d_gain, float* d_bias, float* work) {
  rec::norm_back<float>(n, d, unit, inverse, gain, d_out, d_x, d_gain, d_bias, work);
}

void softmax_of_rows(const AttentionRows& rows, float scale, float* S) {
  rec::attention_weights<float>(rows, scale, S);
}

void softmax_of_rows_back(const AttentionRows& rows, const float* attention, const float* mask, float scale, float* S) {
  rec::attention_weights_back<float>(rows, attention, mask, scale, S);
}

void gelu_of(size_t n, const float* u, const float* mask, float* sigma, float* out) {
  rec::gelu<float>(n, u, mask, sigma, out);
}

void gelu_back_of(size_t n, const float* u, const float* sigma, const float* mask, float* d) {
  rec::gelu_back<float>(n, u, sigma, mask, d);
}

#else

// 16 values.
struct Block {
  V v[kParts];

  template <class F>
  HWY_INLINE static Block of(F part) {
    Block b;
#pragma GCC unroll 4
    for (int p = 0; p < kParts; ++p) b.v[p] = part(p);
    return b;
  }
  HWY_INLINE static Block load(const float* from) {
    return of([&](int p) HWY_ATTR { return hn::LoadU(kD, from + p * kLanes); });
  }
  HWY_INLINE static Block all(float x) {
    return of([&](int) HWY_ATTR { return hn::Set(kD, x); });
  }
  HWY_INLINE void store(float* to) const {
#pragma GCC unroll 4
    for (int p = 0; p < kParts; ++p) hn::StoreU(v[p], kD, to + p * kLanes);
  }
  // The first `count` values, and x in the others.
  HWY_INLINE Block until(size_t count, float x) const {
    if (count >= kLanes16) return *this;
    return of([&](int p) HWY_ATTR {
      const auto left = hn::Set(kD, static_cast<float>(static_cast<int>(count) - p * kLanes));
      return hn::IfThenElse(hn::Lt(hn::Iota(kD, 0.0f), left), v[p], hn::Set(kD, x));
    });
  }
};

HWY_INLINE Block operator+(const Block& a, const Block& b) {
  return Block::of([&](int p) HWY_ATTR { return hn::Add(a.v[p], b.v[p]); });
}
HWY_INLINE Block operator-(const Block& a, const Block& b) {
  return Block::of([&](int p) HWY_ATTR { return hn::Sub(a.v[p], b.v[p]); });
}
HWY_INLINE Block operator*(const Block& a, const Block& b) {
  return Block::of([&](int p) HWY_ATTR { return hn::Mul(a.v[p], b.v[p]); });
}

struct Adding {
  template <class X>
  HWY_INLINE X operator()(X a, X b) const {
    return hn::Add(a, b);
  }
};
struct Greatest {
  template <class X>
  HWY_INLINE X operator()(X a, X b) const {
    return hn::Max(a, b);
  }
};

// Lane l with l + half of them, and so on.
template <class Combine, class X>
HWY_INLINE float fold(Combine combine, X x) {
  const hn::DFromV<X> d;
  if constexpr (hn::MaxLanes(hn::DFromV<X>()) > 4) {
    const hn::Half<decltype(d)> half;
    return fold(combine, combine(hn::LowerHalf(half, x), hn::UpperHalf(half, x)));
  } else {
    const X pairs = combine(x, hn::Shuffle1032(x));
    return hn::GetLane(combine(pairs, hn::Shuffle2301(pairs)));
  }
}

template <class Combine>
HWY_INLINE float by_halves(Combine combine, const Block& b) {
  if constexpr (kParts == 1)
    return fold(combine, b.v[0]);
  else if constexpr (kParts == 2)
    return fold(combine, combine(b.v[0], b.v[1]));
  else
    return fold(combine, combine(combine(b.v[0], b.v[2 % kParts]), combine(b.v[1], b.v[3 % kParts])));
}

void norm_rows(size_t n, size_t d, const float* x, const float* gain, const float* bias, float* unit, float* inverse,
               float* out) {
  const float scale = 1.0f / static_cast<float>(d);
  for (size_t t = 0; t < n; ++t, x += d, unit += d, out += d) {
    Block sum = Block::all(0.0f);
    for (size_t c = 0; c < d; c += kLanes16) sum = sum + Block::load(x + c);
    const Block mean = Block::all(by_halves(Adding(), sum) * scale);
    Block squares = Block::all(0.0f);
    for (size_t c = 0; c < d; c += kLanes16) {
      const Block apart = Block::load(x + c) - mean;
      apart.store(unit + c);
      squares = squares + apart * apart;
    }
    inverse[t] = 1.0f / std::sqrt(by_halves(Adding(), squares) * scale + kNormEpsilon<float>);
    const Block factor = Block::all(inverse[t]);
    for (size_t c = 0; c < d; c += kLanes16) {
      const Block one = Block::load(unit + c) * factor;
      one.store(unit + c);
      (Block::load(gain + c) * one + Block::load(bias + c)).store(out + c);
    }
  }
}

void norm_rows_back(size_t n, size_t d, const float* unit, const float* inverse, const float* gain, const float* d_out,
                    float* d_x, float* d_gain, float* d_bias, float* work) {
  const float scale = 1.0f / static_cast<float>(d);
  for (size_t t = 0; t < n; ++t, unit += d, d_out += d, d_x += d) {
    Block sum = Block::all(0.0f);
    Block with_unit = Block::all(0.0f);
    for (size_t c = 0; c < d; c += kLanes16) {
      const Block above = Block::load(d_out + c);
      const Block one = Block::load(unit + c);
      (Block::load(d_gain + c) + above * one).store(d_gain + c);
      (Block::load(d_bias + c) + above).store(d_bias + c);
      const Block scaled = above * Block::load(gain + c);
      scaled.store(work + c);
      sum = sum + scaled;
      with_unit = with_unit + scaled * one;
    }
    const Block mean = Block::all(by_halves(Adding(), sum) * scale);
    const Block along = Block::all(by_halves(Adding(), with_unit) * scale);
    const Block factor = Block::all(inverse[t]);
    for (size_t c = 0; c < d; c += kLanes16) {
      const Block change = factor * (Block::load(work + c) - mean - Block::load(unit + c) * along);
      (Block::load(d_x + c) + change).store(d_x + c);
    }
  }
}

void softmax_of_rows(const AttentionRows& rows, float scale, float* S) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  const Block factor = Block::all(scale);
  size_t count = rows.first;
  for (size_t r = 0; r < rows.count; ++r, S += rows.stride, count += rows.step) {
    Block greatest = Block::all(kNever);
    for (size_t c = 0; c < rows.cols; c += kLanes16) {
      const Block score = (Block::load(S + c) * factor).until(count > c ? count - c : 0, kNever);
      score.store(S + c);
      greatest = Block::of([&](int p) HWY_ATTR { return hn::Max(greatest.v[p], score.v[p]); });
    }
    const Block shift = Block::all(by_halves(Greatest(), greatest));
    Block sum = Block::all(0.0f);
    for (size_t c = 0; c < rows.cols; c += kLanes16) {
      const Block apart = Block::load(S + c) - shift;
      const Block power = Block::of([&](int p) HWY_ATTR { return exp_or_zero(apart.v[p]); });
      power.store(S + c);
      sum = sum + power;
    }
    const Block inverse = Block::all(1.0f / by_halves(Adding(), sum));
    for (size_t c = 0; c < rows.cols; c += kLanes16) (Block::load(S + c) * inverse).store(S + c);
  }
}

void softmax_of_rows_back(const AttentionRows& rows, const float* attention, const float* mask, float scale, float* S) {
  const Block factor = Block::all(scale);
  for (size_t r = 0; r < rows.count; ++r, S += rows.stride, attention += rows.stride) {
    Block sum = Block::all(0.0f);
    for (size_t c = 0; c < rows.cols; c += kLanes16) {
      Block above = Block::load(S + c);
      if (mask != nullptr) {
        above = above * Block::load(mask + c);
        above.store(S + c);
      }
      sum = sum + Block::load(attention + c) * above;
    }
    const Block mean = Block::all(by_halves(Adding(), sum));
    for (size_t c = 0; c < rows.cols; c += kLanes16)
      (Block::load(attention + c) * (Block::load(S + c) - mean) * factor).store(S + c);
    if (mask != nullptr) mask += rows.stride;
  }
}

void gelu_of(size_t n, const float* u, const float* mask, float* sigma, float* out) {
  for_all(n, [&](auto d, size_t at) HWY_ATTR {
    const auto x = hn::LoadU(d, u + at);
    const auto cube = hn::Mul(hn::Mul(hn::Mul(hn::Set(d, kGeluCube<float>), x), x), x);
    const auto z = hn::Mul(hn::Set(d, kGeluTwoZ<float>), hn::Add(x, cube));
    const auto most = hn::Set(d, -kExpLeast);
    const auto one = hn::Set(d, 1.0f);
    const auto s = hn::Div(one, hn::Add(one, exp_near(hn::Max(hn::Min(hn::Neg(z), most), hn::Neg(most)))));
    hn::StoreU(s, d, sigma + at);
    auto y = hn::Mul(x, s);
    if (mask != nullptr) y = hn::Mul(y, hn::LoadU(d, mask + at));
    hn::StoreU(y, d, out + at);
  });
}

void gelu_back_of(size_t n, const float* u, const float* sigma, const float* mask, float* d_out) {
  for_all(n, [&](auto d, size_t at) HWY_ATTR {
    const auto x = hn::LoadU(d, u + at);
    const auto s = hn::LoadU(d, sigma + at);
    const auto one = hn::Set(d, 1.0f);
    const auto slope = hn::Mul(hn::Set(d, kGeluTwoZ<float>),
                               hn::Add(one, hn::Mul(hn::Mul(hn::Set(d, 3.0f * kGeluCube<float>), x), x)));
    auto above = hn::LoadU(d, d_out + at);
    if (mask != nullptr) above = hn::Mul(above, hn::LoadU(d, mask + at));
    const auto change = hn::Add(s, hn::Mul(hn::Mul(hn::Mul(x, s), hn::Sub(one, s)), slope));
    hn::StoreU(hn::Mul(above, change), d, d_out + at);
  });
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {
namespace {

HWY_EXPORT(norm_rows);
HWY_EXPORT(norm_rows_back);
HWY_EXPORT(softmax_of_rows);
HWY_EXPORT(softmax_of_rows_back);
HWY_EXPORT(gelu_of);
HWY_EXPORT(gelu_back_of);

}  // namespace

void norm(size_t n, size_t d, const float* x, const float* gain, const float* bias, float* unit, float* inverse,
          float* out) {
  if (d % kLanes16 != 0) return norm<float>(n, d, x, gain, bias, unit, inverse, out);
  HWY_DYNAMIC_DISPATCH(norm_rows)(n, d, x, gain, bias, unit, inverse, out);
}

void norm_back(size_t n, size_t d, const float* unit, const float* inverse, const float* gain, const float* d_out,
               float* d_x, float* d_gain, float* d_bias, float* work) {
  if (d % kLanes16 != 0) return norm_back<float>(n, d, unit, inverse, gain, d_out, d_x, d_gain, d_bias, work);
  HWY_DYNAMIC_DISPATCH(norm_rows_back)(n, d, unit, inverse, gain, d_out, d_x, d_gain, d_bias, work);
}

void attention_weights(const AttentionRows& rows, float scale, float* S) {
  HWY_DYNAMIC_DISPATCH(softmax_of_rows)(rows, scale, S);
}

void attention_weights_back(const AttentionRows& rows, const float* attention, const float* mask, float scale,
                            float* S) {
  HWY_DYNAMIC_DISPATCH(softmax_of_rows_back)(rows, attention, mask, scale, S);
}

void gelu(size_t n, const float* u, const float* mask, float* sigma, float* out) {
  HWY_DYNAMIC_DISPATCH(gelu_of)(n, u, mask, sigma, out);
}

void gelu_back(size_t n, const float* u, const float* sigma, const float* mask, float* d) {
  HWY_DYNAMIC_DISPATCH(gelu_back_of)(n, u, sigma, mask, d);
}

}  // namespace rec
#endif
