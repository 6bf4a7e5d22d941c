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

void axpys(const float* a, const float* rows, size_t n, size_t F, float* y) { plain::axpys(a, rows, n, F, y); }

void lane_dots(const float* h, const float* const* x, size_t n, size_t F, float* out, const float* init) {
  plain::lane_dots(h, x, n, F, out, init);
}

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

template <int C>
HWY_INLINE void axpys_tile(const float* a, const float* rows, size_t n, size_t F, float* y) {
  Tile<1, C> tile;
  tile.load(y, 0, kLanes16);
  tile.template accumulate<false>(n, a, 0, 1, rows, kLanes16, F);
  tile.store(y, 0, kLanes16);
}

void axpys(const float* a, const float* rows, size_t n, size_t F, float* y) {
  size_t f = 0;
  for (; f + 64 <= F; f += 64) axpys_tile<4>(a, rows + f, n, F, y + f);
  for (; f + 32 <= F; f += 32) axpys_tile<2>(a, rows + f, n, F, y + f);
  for (; f < F; f += kLanes16) axpys_tile<1>(a, rows + f, n, F, y + f);
}

// From p and q, whose lanes are partial sums of one row each (a block of 4 lanes at
// most), one vector with half as many lanes of either: lane j + lane j + 2, and then
// lane 0 + lane 1.
HWY_INLINE V fold_pairs(V p, V q) {
  const hn::Repartition<double, D> d64;
  const auto p64 = hn::BitCast(d64, p);
  const auto q64 = hn::BitCast(d64, q);
  return hn::Add(hn::BitCast(kD, hn::InterleaveLower(d64, p64, q64)),
                 hn::BitCast(kD, hn::InterleaveUpper(d64, p64, q64)));
}
HWY_INLINE V fold_lanes(V p, V q) { return hn::Add(hn::OddEven(hn::DupEven(q), p), hn::OddEven(q, hn::DupOdd(p))); }

// The sums of kLanes rows, each of kParts vectors, in the order of plain::lane_dots:
// lane i of the result is row i's.
HWY_INLINE V sum_rows(V (&rows)[kLanes][kParts]) {
  V v[kLanes];
  constexpr int kBlocks = kLanes / 4;
#if HWY_TARGET <= HWY_AVX3
  // j + 8: two rows share a vector, then j + 4: four do, a block each.
#pragma GCC unroll 8
  for (int j = 0; j < 8; ++j) {
    v[j] = hn::Add(hn::ConcatLowerLower(kD, rows[j + 8][0], rows[j][0]),
                   hn::ConcatUpperUpper(kD, rows[j + 8][0], rows[j][0]));
  }
#else
#pragma GCC unroll 16
  for (int j = 0; j < kLanes; ++j) {
    v[j] = kParts == 2 ? hn::Add(rows[j][0], rows[j][1])
                       : hn::Add(hn::Add(rows[j][0], rows[j][kParts / 2]), hn::Add(rows[j][1], rows[j][kParts - 1]));
  }
#endif
  if constexpr (kBlocks > 1) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      v[j] = hn::Add(hn::OddEvenBlocks(v[j + 4], v[j]), hn::SwapAdjacentBlocks(hn::OddEvenBlocks(v[j], v[j + 4])));
    }
  }
  return fold_lanes(fold_pairs(v[0], v[2]), fold_pairs(v[1], v[3]));
}

void lane_dots(const float* h, const float* const* x, size_t n, size_t F, float* out, const float* init) {
  for (size_t i = 0; i < n; i += kLanes) {
    // The last row stands in for those that are missing.
    const float* row[kLanes];
    const size_t here = HWY_MIN(n - i, static_cast<size_t>(kLanes));
    for (size_t j = 0; j < kLanes; ++j) row[j] = x[i + HWY_MIN(j, here - 1)];
    V acc[kLanes][kParts];
#pragma GCC unroll 16
    for (int j = 0; j < kLanes; ++j) {
#pragma GCC unroll 4
      for (int part = 0; part < kParts; ++part) acc[j][part] = hn::Zero(kD);
    }
    for (size_t f = 0; f < F; f += kLanes16) {
#pragma GCC unroll 4
      for (int part = 0; part < kParts; ++part) {
        const V hv = hn::LoadU(kD, h + f + part * kLanes);
#pragma GCC unroll 16
        for (int j = 0; j < kLanes; ++j)
          acc[j][part] = hn::MulAdd(hv, hn::LoadU(kD, row[j] + f + part * kLanes), acc[j][part]);
      }
    }
    float sums[kLanes];
    hn::StoreU(sum_rows(acc), kD, sums);
    for (size_t j = 0; j < here; ++j) out[i + j] = (init ? init[i + j] : 0.0f) + sums[j];
  }
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
HWY_EXPORT(axpys);
HWY_EXPORT(lane_dots);

float dot(const float* a, const float* b, size_t F, float init) { return HWY_DYNAMIC_DISPATCH(dot)(a, b, F, init); }

void dots(const float* h, const float* const* x, size_t n, size_t F, float* out, const float* init) {
  HWY_DYNAMIC_DISPATCH(dots)(h, x, n, F, out, init);
}

void axpy(float a, const float* x, size_t n, float* y) { HWY_DYNAMIC_DISPATCH(axpy)(a, x, n, y); }

void axpys(const float* a, const float* rows, size_t n, size_t F, float* y) {
  HWY_DYNAMIC_DISPATCH(axpys)(a, rows, n, F, y);
}

void lane_dots(const float* h, const float* const* x, size_t n, size_t F, float* out, const float* init) {
  HWY_DYNAMIC_DISPATCH(lane_dots)(h, x, n, F, out, init);
}

}  // namespace rec
#endif
