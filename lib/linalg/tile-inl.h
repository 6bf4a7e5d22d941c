// The register tile that all products share, compiled once a Highway target.
// The unit is a block of 16 floats (one AVX-512, two AVX2 vectors), so layouts
// do not depend on the target. Included inside foreach_target: no pragma once.
// clang-format off
#if defined(REC_LINALG_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REC_LINALG_TILE_INL_H_
#undef REC_LINALG_TILE_INL_H_
#else
#define REC_LINALG_TILE_INL_H_
#endif
// clang-format on

#include <hwy/highway.h>

#include <cstddef>

#include "linalg/matrix.h"

// Targets without a fused multiply-add, or whose vectors cannot be put into
// arrays, run the plain twins.
#undef REC_PLAIN_TARGET
#if HWY_TARGET == HWY_SCALAR || HWY_HAVE_SCALABLE || !HWY_NATIVE_FMA
#define REC_PLAIN_TARGET 1
#else
#define REC_PLAIN_TARGET 0
#endif

#if !REC_PLAIN_TARGET

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kLanes16>;
using V = hn::Vec<D>;
constexpr D kD;
constexpr int kLanes = static_cast<int>(HWY_MIN(HWY_LANES(float), kLanes16));
constexpr int kParts = static_cast<int>(kLanes16) / kLanes;  // vectors a block

// kernel(d, at) works on the Lanes(d) values at `at`: whole vectors, then one by one.
template <class Kernel>
HWY_INLINE void for_all(size_t n, Kernel kernel) {
  const hn::CappedTag<float, 1> single;
  size_t at = 0;
  for (; at + kLanes <= n; at += kLanes) kernel(kD, at);
  for (; at < n; ++at) kernel(single, at);
}

// Rows and blocks of the largest tile: accumulators, one row of B and a
// broadcast fit the registers (32 of AVX-512, 16 of AVX2, 32 of NEON).
constexpr int kTileBlocks = kLanes == 16 ? 3 : 1;
constexpr int kTileRows = kLanes == 16 ? 8 : 4;

// R rows × C blocks of accumulators.
template <int R, int C>
struct Tile {
  V v[R][C * kParts];

  // Row r, block c at p + r·row + c·block.
  HWY_INLINE void load(const float* HWY_RESTRICT p, size_t row, size_t block) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
      for (int c = 0; c < C * kParts; ++c) {
        v[r][c] = hn::LoadU(kD, p + static_cast<size_t>(r) * row + static_cast<size_t>(c / kParts) * block +
                                    static_cast<size_t>(c % kParts * kLanes));
      }
    }
  }

  HWY_INLINE void store(float* HWY_RESTRICT p, size_t row, size_t block) const {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
      for (int c = 0; c < C * kParts; ++c) {
        hn::StoreU(v[r][c], kD,
                   p + static_cast<size_t>(r) * row + static_cast<size_t>(c / kParts) * block +
                       static_cast<size_t>(c % kParts * kLanes));
      }
    }
  }

  // For k = 0..K-1: v[r][c] = fma(±a[r·a_row + k·a_k], b[c·b_block + k·b_k + lane], v[r][c]).
  template <bool kSubtract>
  HWY_INLINE void accumulate(size_t K, const float* HWY_RESTRICT a, size_t a_row, size_t a_k,
                             const float* HWY_RESTRICT b, size_t b_block, size_t b_k) {
    for (size_t k = 0; k < K; ++k, a += a_k, b += b_k) {
      V bv[C * kParts];
#pragma GCC unroll 16
      for (int c = 0; c < C * kParts; ++c) {
        bv[c] = hn::LoadU(kD, b + static_cast<size_t>(c / kParts) * b_block + static_cast<size_t>(c % kParts * kLanes));
      }
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) {
        const V av = hn::Set(kD, a[static_cast<size_t>(r) * a_row]);
#pragma GCC unroll 16
        for (int c = 0; c < C * kParts; ++c) {
          v[r][c] = kSubtract ? hn::NegMulAdd(av, bv[c], v[r][c]) : hn::MulAdd(av, bv[c], v[r][c]);
        }
      }
    }
  }
};

// Where element (k, c) of a row panel lies: at(c) + k·step. In place that is
// block = 16, step = stride; packed it is block = 16·rows, step = 16, so that
// walking k is walking memory (rows of 4 KiB would share one L1 set).
struct Panels {
  float* data;
  size_t block;
  size_t step;
  HWY_INLINE float* at(size_t c) const { return data + c / kLanes16 * block + c % kLanes16; }
};

// Four columns of 16 rows: v[c][part] holds element c of rows part·kLanes + lane.
struct Columns4 {
  V v[4][kParts];
};

// Element c of row r is row(r)[c]; row(r) must be a float pointer.
template <class Row>
HWY_INLINE Columns4 load_columns4(Row row) {
  const hn::Full128<float> d4;
  Columns4 columns;
#pragma GCC unroll 4
  for (int part = 0; part < kParts; ++part) {
    // 128-bit block b of w[q] comes from row 4b + q of this part.
    V w[4];
#pragma GCC unroll 4
    for (int q = 0; q < 4; ++q) {
      const int r = part * kLanes + q;
#if HWY_TARGET <= HWY_AVX3
      const hn::Full256<float> d8;
      w[q] = hn::Combine(kD, hn::Combine(d8, hn::LoadU(d4, row(r + 12)), hn::LoadU(d4, row(r + 8))),
                         hn::Combine(d8, hn::LoadU(d4, row(r + 4)), hn::LoadU(d4, row(r))));
#elif HWY_TARGET <= HWY_AVX2
      w[q] = hn::Combine(kD, hn::LoadU(d4, row(r + 4)), hn::LoadU(d4, row(r)));
#else
      w[q] = hn::LoadU(d4, row(r));
#endif
    }
    const V low02 = hn::InterleaveLower(kD, w[0], w[2]);
    const V low13 = hn::InterleaveLower(kD, w[1], w[3]);
    const V high02 = hn::InterleaveUpper(kD, w[0], w[2]);
    const V high13 = hn::InterleaveUpper(kD, w[1], w[3]);
    columns.v[0][part] = hn::InterleaveLower(kD, low02, low13);
    columns.v[1][part] = hn::InterleaveUpper(kD, low02, low13);
    columns.v[2][part] = hn::InterleaveLower(kD, high02, high13);
    columns.v[3][part] = hn::InterleaveUpper(kD, high02, high13);
  }
  return columns;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#endif  // !REC_PLAIN_TARGET

#endif  // include guard
