#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/dot.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "linalg/dot.h"
#include "linalg/plain.h"
#include "linalg/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

float dot(const float* a, const float* b, size_t F, float init) {
  float acc = init;
  for (size_t f = 0; f < F; ++f) acc = std::fma(a[f], b[f], acc);
  return acc;
}

#if REC_PLAIN_TARGET

void dots(const float* h, const float* const* x, size_t n, size_t F, float* out, const float* init) {
  plain::dots(h, x, n, F, out, init);
}

void axpy(float a, const float* x, size_t n, float* y) { plain::axpy(a, x, n, y); }

#else

// kGroups × 16 rows at once: a lane is a row, columns come transposed four at a
// time, so the chain over f stays sequential in every lane.
template <int kGroups>
HWY_INLINE void dot_rows(const float* HWY_RESTRICT h, const float* const* x, size_t F, const float* init, float* out) {
  V acc[kGroups][kParts];
#pragma GCC unroll 4
  for (int g = 0; g < kGroups; ++g) {
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) {
      acc[g][part] = init ? hn::LoadU(kD, init + g * 16 + part * kLanes) : hn::Zero(kD);
    }
  }
  size_t f = 0;
  for (; f + 4 <= F; f += 4) {
#pragma GCC unroll 4
    for (int g = 0; g < kGroups; ++g) {
      const Columns4 columns = load_columns4([&](int r) { return x[g * 16 + r] + f; });
#pragma GCC unroll 4
      for (size_t i = 0; i < 4; ++i) {
        const V hv = hn::Set(kD, h[f + i]);
#pragma GCC unroll 4
        for (int part = 0; part < kParts; ++part) acc[g][part] = hn::MulAdd(hv, columns.v[i][part], acc[g][part]);
      }
    }
  }
#pragma GCC unroll 4
  for (int g = 0; g < kGroups; ++g) {
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) hn::StoreU(acc[g][part], kD, out + g * 16 + part * kLanes);
  }
  if (f < F) {
    for (int i = 0; i < kGroups * 16; ++i) out[i] = dot(h + f, x[i] + f, F - f, out[i]);
  }
}

void dots(const float* h, const float* const* x, size_t n, size_t F, float* out, const float* init) {
  size_t i = 0;
  for (; i + 32 <= n; i += 32) dot_rows<2>(h, x + i, F, init ? init + i : nullptr, out + i);
  for (; i + 16 <= n; i += 16) dot_rows<1>(h, x + i, F, init ? init + i : nullptr, out + i);
  if (i + 4 <= n) {
    // The last row stands in for those that are missing.
    const float* rows[16];
    float start[16];
    float ends[16];
    for (size_t j = 0; j < 16; ++j) {
      const size_t from = HWY_MIN(i + j, n - 1);
      rows[j] = x[from];
      start[j] = init ? init[from] : 0.0f;
    }
    dot_rows<1>(h, rows, F, start, ends);
    std::copy_n(ends, n - i, out + i);
  } else {
    for (; i < n; ++i) out[i] = dot(h, x[i], F, init ? init[i] : 0.0f);
  }
}

void axpy(float a, const float* x, size_t n, float* y) {
  const V av = hn::Set(kD, a);
  size_t f = 0;
  for (; f + kLanes <= n; f += kLanes) {
    hn::StoreU(hn::MulAdd(av, hn::LoadU(kD, x + f), hn::LoadU(kD, y + f)), kD, y + f);
  }
  for (; f < n; ++f) y[f] = std::fma(a, x[f], y[f]);
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {

HWY_EXPORT(dot);
HWY_EXPORT(dots);
HWY_EXPORT(axpy);

float dot(const float* a, const float* b, size_t F, float init) { return HWY_DYNAMIC_DISPATCH(dot)(a, b, F, init); }

void dots(const float* h, const float* const* x, size_t n, size_t F, float* out, const float* init) {
  HWY_DYNAMIC_DISPATCH(dots)(h, x, n, F, out, init);
}

void axpy(float a, const float* x, size_t n, float* y) { HWY_DYNAMIC_DISPATCH(axpy)(a, x, n, y); }

}  // namespace rec
#endif
