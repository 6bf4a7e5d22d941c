#include "linalg/int8_panels.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cfloat>
#include <cmath>
#include <limits>
#include <numeric>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/parallel_for.h"

namespace rec {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr size_t kPanel = Int8Panels::kPanel;
constexpr float kGreatestCode = 127.0f;
constexpr float kGreatestValue = 1e37f;
constexpr double kMore = 1.00001;  // than what sums and products of floats lose
// Beyond it a bound might overflow on its way.
constexpr double kGreatestProduct = 1e37;

// The greatest |x_f|; infinite, or no number, where a value is.
float greatest_size(const float* x, size_t n) {
  // The sizes of floats order as their bits do.
  uint32_t greatest = 0;
  for (size_t f = 0; f < n; ++f) greatest = std::max(greatest, std::bit_cast<uint32_t>(x[f]) & 0x7fffffffu);
  return std::bit_cast<float>(greatest);
}

// A row of n values as codes and their scale. norm: |x|, infinite where the row has no codes.
struct Coded {
  float scale = 0.0f;
  double norm = 0.0;
  double coded = 0.0;  // |s c|
  double error = 0.0;  // |x - s c|
};
Coded code_row(const float* x, size_t n, int8_t* codes) {
  const float greatest = greatest_size(x, n);
  if (!(greatest <= kGreatestValue)) {
    std::fill_n(codes, n, int8_t{0});
    return {.norm = kInfinity};
  }
  const float scale = std::max(greatest / kGreatestCode, FLT_MIN);
  const float inverse = 1.0f / scale;
  // Added and taken away, it rounds to a whole number, as nearbyint() does, which may be a call.
  constexpr float kRound = 12582912.0f;
  for (size_t f = 0; f < n; ++f) {
    const float code = (x[f] * inverse + kRound) - kRound;
    codes[f] = static_cast<int8_t>(static_cast<int32_t>(std::min(std::max(code, -kGreatestCode), kGreatestCode)));
  }
  // Sums side by side, which vectors can hold.
  constexpr size_t kSums = 8;
  double squares[kSums] = {}, of_codes[kSums] = {}, of_errors[kSums] = {};
  const auto s = static_cast<double>(scale);
  const auto add = [&](size_t f, size_t sum) {
    const auto value = static_cast<double>(x[f]);
    const double stands_for = s * static_cast<double>(codes[f]);
    const double error = value - stands_for;
    squares[sum] += value * value;
    of_codes[sum] += stands_for * stands_for;
    of_errors[sum] += error * error;
  };
  size_t f = 0;
  for (; f + kSums <= n; f += kSums) {
    for (size_t sum = 0; sum < kSums; ++sum) add(f + sum, sum);
  }
  for (; f < n; ++f) add(f, 0);
  const auto length = [](const double(&sums)[kSums]) { return std::sqrt(std::accumulate(sums, sums + kSums, 0.0)); };
  return {scale, length(squares), length(of_codes), length(of_errors)};
}

// What no score of the user and a panel exceeds, beside t s k·c.
float margin(const Int8Users::Terms& user, float norm, float error) {
  return norm <= user.greatest_norm ? user.of_norm * norm + user.of_error * error : kInfinity;
}

struct Block {
  const Int8Users& users;
  const Int8Panels& items;
  const float* floors;
  float* out;
  size_t stride;
  uint64_t* above;
  size_t above_stride;
};

void bound_panel(const Block& block, size_t user, size_t u, size_t p, size_t at, size_t n) {
  const Int8Users::Terms& terms = block.users.terms(user);
  const float more = margin(terms, block.items.norm(p), block.items.error(p));
  const uint8_t* panel = block.items.panel(p);
  const int8_t* k = block.users.codes(user);
  uint64_t above = 0;
  for (size_t i = 0; i < n; ++i) {
    int32_t sum = terms.start;
    for (size_t f = 0; f < 4 * block.items.quads(); ++f)
      sum += int32_t{panel[(f / 4 * kPanel + i) * 4 + f % 4]} * int32_t{k[f]};
    const float bound = std::fma(static_cast<float>(sum), terms.step * block.items.scale(p)[i], more);
    block.out[u * block.stride + at + i] = bound;
    above |= uint64_t{!(bound < block.floors[u])} << i;
  }
  block.above[u * block.above_stride + at / kPanel] = above;
}

#if defined(__x86_64__)

// Highway 1.0 does not have this product of bytes.
#define REC_VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))

constexpr size_t kLanes = 16;
constexpr size_t kVectors = kPanel / kLanes;

// In each 32 bits of `sum`: four products of c, unsigned, and q, signed, are added. g++ 12 moves the sums between
// registers and memory around _mm512_dpbusd_epi32().
REC_VNNI inline void multiply_add(__m512i& sum, __m512i c, __m512i q) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(c), "v"(q));
}

// R users by one panel, of which n items are wanted.
template <size_t R>
REC_VNNI void bound_tile(const Block& block, size_t user, size_t u, size_t p, size_t at, size_t n) {
  const size_t quads = block.items.quads();
  const size_t step = block.users.stride() / 4;
  __m512i sum[R][kVectors];
  float more[R];
  for (size_t r = 0; r < R; ++r)
    more[r] = margin(block.users.terms(user + r), block.items.norm(p), block.items.error(p));
#pragma GCC unroll 8
  for (size_t r = 0; r < R; ++r) {
#pragma GCC unroll 3
    for (size_t v = 0; v < kVectors; ++v) sum[r][v] = _mm512_set1_epi32(block.users.terms(user + r).start);
  }
  const uint8_t* codes = block.items.panel(p);
  const auto* k = reinterpret_cast<const int32_t*>(block.users.codes(user));
  for (size_t quad = 0; quad < quads; ++quad, codes += kPanel * 4, ++k) {
    __m512i c[kVectors];
#pragma GCC unroll 3
    for (size_t v = 0; v < kVectors; ++v) c[v] = _mm512_loadu_si512(codes + v * 64);
#pragma GCC unroll 8
    for (size_t r = 0; r < R; ++r) {
      const __m512i q = _mm512_set1_epi32(k[r * step]);
#pragma GCC unroll 3
      for (size_t v = 0; v < kVectors; ++v) multiply_add(sum[r][v], c[v], q);
    }
  }
  const uint64_t wanted = n == kPanel ? ~uint64_t{0} : (uint64_t{1} << n) - 1;
#pragma GCC unroll 8
  for (size_t r = 0; r < R; ++r) {
    const Int8Users::Terms& terms = block.users.terms(user + r);
    const __m512 t = _mm512_set1_ps(terms.step);
    const __m512 floor = _mm512_set1_ps(block.floors[u + r]);
    float* out = block.out + (u + r) * block.stride + at;
    uint64_t above = 0;
#pragma GCC unroll 3
    for (size_t v = 0; v < kVectors; ++v) {
      const __m512 scale = _mm512_mul_ps(t, _mm512_loadu_ps(block.items.scale(p) + v * kLanes));
      const __m512 bound = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[r][v]), scale, _mm512_set1_ps(more[r]));
      above |= uint64_t{_mm512_cmp_ps_mask(bound, floor, _CMP_NLT_UQ)} << (v * kLanes);
      _mm512_mask_storeu_ps(out + v * kLanes, static_cast<__mmask16>(wanted >> (v * kLanes)), bound);
    }
    block.above[(u + r) * block.above_stride + at / kPanel] = above & wanted;
  }
}

void bound_block_fast(const Block& block, size_t first_user, size_t n_users, size_t first_item, size_t n_items) {
  // A panel stays in the first-level cache while the users pass.
  for (size_t at = 0; at < n_items; at += kPanel) {
    const size_t p = (first_item + at) / kPanel;
    const size_t n = std::min(kPanel, n_items - at);
    size_t u = 0;
    for (; u + 8 <= n_users; u += 8) bound_tile<8>(block, first_user + u, u, p, at, n);
    for (; u + 2 <= n_users; u += 2) bound_tile<2>(block, first_user + u, u, p, at, n);
    if (u < n_users) bound_tile<1>(block, first_user + u, u, p, at, n);
  }
}

#endif

}  // namespace

bool has_fast_int8() {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return has;
#else
  return false;
#endif
}

Int8Panels::Int8Panels(size_t count, size_t factors, const std::function<const float*(size_t, float*)>& row,
                       int threads)
    : size_(count), factors_(factors) {
  const size_t panels = (count + kPanel - 1) / kPanel;
  codes_.assign(panels * quads() * kPanel * 4, 128);
  scale_.assign(panels * kPanel, 0.0f);
  norm_.assign(panels, 0.0f);
  // More than what is lost where products are too small for a normal number.
  error_.assign(panels, FLT_MIN);
  constexpr size_t kPanelsPerTask = 32;
  parallel_for((panels + kPanelsPerTask - 1) / kPanelsPerTask, threads, [&](size_t task, int) {
    std::vector<float> scratch(factors);
    std::vector<int8_t> codes(factors);
    const size_t last = std::min(count, (task + 1) * kPanelsPerTask * kPanel);
    for (size_t i = task * kPanelsPerTask * kPanel; i < last; ++i) {
      const Coded coded = code_row(row(i, scratch.data()), factors, codes.data());
      const size_t p = i / kPanel;
      norm_[p] = std::max(norm_[p], static_cast<float>(coded.norm * kMore));
      error_[p] = std::max(error_[p], static_cast<float>(coded.error * kMore));
      scale_[i] = coded.scale;
      uint8_t* to = codes_.data() + p * quads() * kPanel * 4 + i % kPanel * 4;
      for (size_t f = 0; f < factors; ++f) to[f / 4 * kPanel * 4 + f % 4] = static_cast<uint8_t>(codes[f] + 128);
    }
  });
}

Int8Users::Int8Users(size_t capacity, size_t factors)
    : factors_(factors), stride_((factors + 3) / 4 * 4), codes_(capacity * stride_, 0), terms_(capacity) {}

bool Int8Users::set(size_t user, const float* q) {
  // No sum of products of bytes leaves 32 bits.
  constexpr size_t kMostFactors = 65536;
  int8_t* codes = codes_.data() + user * stride_;
  Terms& terms = terms_[user];
  terms = {};
  const Coded coded = code_row(q, factors_, codes);
  if (factors_ > kMostFactors || !(coded.norm >= 1e-25 && coded.norm <= 1e25)) return false;
  const double rounding = std::ldexp(static_cast<double>(factors_ + 16), -23);
  terms = {.step = coded.scale,
           .greatest_norm = static_cast<float>(std::min(kGreatestProduct / coded.norm, static_cast<double>(FLT_MAX))),
           .of_norm = static_cast<float>((coded.error + rounding * coded.norm) * kMore),
           .of_error = static_cast<float>(coded.coded * kMore)};
  for (size_t f = 0; f < factors_; ++f) terms.start -= 128 * int32_t{codes[f]};
  return true;
}

void upper_bounds(const Int8Users& users, size_t first_user, size_t n_users, const Int8Panels& items, size_t first_item,
                  size_t n_items, const float* floors, float* out, size_t stride, uint64_t* above,
                  size_t above_stride) {
#if defined(__x86_64__)
  if (has_fast_int8()) {
    assert(first_item % kPanel == 0 && first_item + n_items <= items.size() && stride >= n_items);
    const Block block{users, items, floors, out, stride, above, above_stride};
    return bound_block_fast(block, first_user, n_users, first_item, n_items);
  }
#endif
  plain::upper_bounds(users, first_user, n_users, items, first_item, n_items, floors, out, stride, above, above_stride);
}

void plain::upper_bounds(const Int8Users& users, size_t first_user, size_t n_users, const Int8Panels& items,
                         size_t first_item, size_t n_items, const float* floors, float* out, size_t stride,
                         uint64_t* above, size_t above_stride) {
  assert(first_item % kPanel == 0 && first_item + n_items <= items.size() && stride >= n_items);
  const Block block{users, items, floors, out, stride, above, above_stride};
  for (size_t at = 0; at < n_items; at += kPanel) {
    for (size_t u = 0; u < n_users; ++u)
      bound_panel(block, first_user + u, u, (first_item + at) / kPanel, at, std::min(kPanel, n_items - at));
  }
}

}  // namespace rec
