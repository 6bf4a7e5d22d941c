#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/spd_inverse.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/parallel_for.h"
#include "linalg/plain.h"
#include "linalg/spd_inverse.h"
#include "linalg/tile-inl.h"

#ifndef REC_LINALG_SPD_INVERSE_SHARED_
#define REC_LINALG_SPD_INVERSE_SHARED_
namespace rec {
namespace {

constexpr size_t kT = SymmetricTiles::kTile;
constexpr size_t kBlock = kLanes16 * kT;  // floats of 16 columns of a tile
constexpr size_t kDepth = 96;             // k a pass: 48 columns of that depth stay in L1

// What a tile gains from a product of two others.
enum class Product { kMinusTransposed, kMinus, kPlus };  // -AᵀB, -AB, +AB

}  // namespace
}  // namespace rec
#endif

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

// Steps [k0, k1) of R rows from r and C·16 columns from c; k0, k1 multiples of 16.
#if REC_PLAIN_TARGET
template <Product kProduct, int R, int C>
void add_product(const float* a, const float* b, size_t k0, size_t k1, size_t r, size_t c, float* out) {
  for (size_t i = r; i < r + R; ++i) {
    for (size_t j = c; j < c + C * kLanes16; ++j) {
      float& s = out[SymmetricTiles::offset(i, j)];
      for (size_t k = k0; k < k1; ++k) {
        const float left =
            kProduct == Product::kMinusTransposed ? a[SymmetricTiles::offset(k, i)] : a[SymmetricTiles::offset(i, k)];
        s = std::fma(kProduct == Product::kPlus ? left : -left, b[SymmetricTiles::offset(k, j)], s);
      }
    }
  }
}
constexpr int kTileRows = 8;
constexpr int kTileBlocks = 3;
#else
template <Product kProduct, int R, int C>
HWY_INLINE void add_product(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, size_t k0, size_t k1, size_t r,
                            size_t c, float* HWY_RESTRICT out) {
  Tile<R, C> tile;
  float* corner = out + SymmetricTiles::offset(r, c);
  b += SymmetricTiles::offset(0, c);
  tile.load(corner, kLanes16, kBlock);
  if constexpr (kProduct == Product::kMinusTransposed) {
    tile.template accumulate<true>(k1 - k0, a + SymmetricTiles::offset(k0, r), 1, kLanes16, b + k0 * kLanes16, kBlock,
                                   kLanes16);
  } else {
    for (size_t k = k0; k < k1; k += kLanes16) {
      tile.template accumulate<kProduct == Product::kMinus>(kLanes16, a + SymmetricTiles::offset(r, k), kLanes16, 1,
                                                            b + k * kLanes16, kBlock, kLanes16);
    }
  }
  tile.store(corner, kLanes16, kBlock);
}
#endif

// out ± the product of the tiles a and b; of a tile on the diagonal the blocks
// below it may be left out.
template <Product kProduct>
void add_tiles(const float* a, const float* b, float* out, bool upper) {
  for (size_t k = 0; k < kT; k += kDepth) {
    for (size_t c = 0; c < kT; c += kTileBlocks * kLanes16) {
      const size_t rows = upper ? c + kTileBlocks * kLanes16 : kT;
      for (size_t r = 0; r < rows; r += kTileRows)
        add_product<kProduct, kTileRows, kTileBlocks>(a, b, k, k + kDepth, r, c, out);
    }
  }
}

// x, 16 × 16 with rows of 16: for j in 0..15: x_j *= d[j], then for i > j:
// x_i = fma(-R[j][i], x_j, x_i).
void solve16(const float* R, const float* d, float* x) {
  for (size_t j = 0; j < kLanes16; ++j) {
    float* row = x + j * kLanes16;
#if REC_PLAIN_TARGET
    for (size_t c = 0; c < kLanes16; ++c) row[c] *= d[j];
    for (size_t i = j + 1; i < kLanes16; ++i) {
      for (size_t c = 0; c < kLanes16; ++c)
        x[i * kLanes16 + c] = std::fma(-R[j * kLanes16 + i], row[c], x[i * kLanes16 + c]);
    }
#else
    for (size_t part = 0; part < kLanes16; part += kLanes) {
      const V scaled = hn::Mul(hn::Load(kD, row + part), hn::Set(kD, d[j]));
      hn::Store(scaled, kD, row + part);
      for (size_t i = j + 1; i < kLanes16; ++i) {
        float* to = x + i * kLanes16 + part;
        hn::Store(hn::NegMulAdd(hn::Set(kD, R[j * kLanes16 + i]), scaled, hn::Load(kD, to)), kD, to);
      }
    }
#endif
  }
}

// The 16 × 16 block x on the diagonal becomes its R, zero below the diagonal; d: at
// first the least good pivots.
bool factor16(float* x, float* d) {
  for (size_t j = 0; j < kLanes16; ++j) {
    float* row = x + j * kLanes16;
    const float pivot = row[j];
    if (!(pivot >= d[j] && pivot <= plain::kGreatestPivot)) return false;
    d[j] = 1.0f / std::sqrt(pivot);
    for (size_t c = j; c < kLanes16; ++c) row[c] *= d[j];
    for (size_t i = j + 1; i < kLanes16; ++i) {
      for (size_t c = i; c < kLanes16; ++c) x[i * kLanes16 + c] = std::fma(-row[i], row[c], x[i * kLanes16 + c]);
      x[i * kLanes16 + j] = 0.0f;
    }
  }
  return true;
}

// Rows [r, r + 16) and 16 columns from c.
template <Product kProduct>
void add_rows16(const float* a, const float* b, size_t k1, size_t r, size_t c, float* out) {
  for (size_t i = r; i < r + kLanes16; i += kTileRows) add_product<kProduct, kTileRows, 1>(a, b, 0, k1, i, c, out);
}

// A tile on the diagonal, all above it subtracted, becomes R; d as in factor16.
bool factor_tile(float* tile, float* d) {
  for (size_t r = 0; r < kT; r += kLanes16) {
    add_rows16<Product::kMinusTransposed>(tile, tile, r, r, r, tile);
    float* diagonal = tile + SymmetricTiles::offset(r, r);
    if (!factor16(diagonal, d + r)) return false;
    for (size_t c = r + kLanes16; c < kT; c += kLanes16) {
      add_rows16<Product::kMinusTransposed>(tile, tile, r, r, c, tile);
      solve16(diagonal, d + r, tile + SymmetricTiles::offset(r, c));
    }
    for (size_t below = r + kLanes16; below < kT; ++below)
      std::fill_n(tile + SymmetricTiles::offset(below, r), kLanes16, 0.0f);
  }
  return true;
}

// A tile right of the diagonal tile R, all above it subtracted, becomes R.
void solve_left(const float* R, const float* d, float* tile) {
  for (size_t r = 0; r < kT; r += kLanes16) {
    for (size_t c = 0; c < kT; c += kLanes16) {
      add_rows16<Product::kMinusTransposed>(R, tile, r, r, c, tile);
      solve16(R + SymmetricTiles::offset(r, r), d + r, tile + SymmetricTiles::offset(r, c));
    }
  }
}

void transpose16(const float* from, float* to) {
  for (size_t r = 0; r < kLanes16; ++r) {
    for (size_t c = 0; c < kLanes16; ++c) to[c * kLanes16 + r] = from[r * kLanes16 + c];
  }
}

// X of X R = tile, R the tile on the diagonal of the same columns.
void solve_right(const float* R, const float* d, float* tile) {
  alignas(64) float turned[kLanes16 * kLanes16];
  for (size_t c = 0; c < kT; c += kLanes16) {
    for (size_t r = 0; r < kT; r += kLanes16) {
      add_rows16<Product::kMinus>(tile, R, c, r, c, tile);
      float* block = tile + SymmetricTiles::offset(r, c);
      transpose16(block, turned);
      solve16(R + SymmetricTiles::offset(c, c), d + c, turned);
      transpose16(turned, block);
    }
  }
}

void subtract_transposed(const float* a, const float* b, float* out, bool upper) {
  add_tiles<Product::kMinusTransposed>(a, b, out, upper);
}
void subtract(const float* a, const float* b, float* out) { add_tiles<Product::kMinus>(a, b, out, false); }
void add(const float* a, const float* b, float* out) { add_tiles<Product::kPlus>(a, b, out, false); }

void transpose_tile(const float* from, float* to) {
  for (size_t r = 0; r < kT; r += kLanes16) {
    for (size_t c = 0; c < kT; c += kLanes16)
      transpose16(from + SymmetricTiles::offset(r, c), to + SymmetricTiles::offset(c, r));
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {
namespace {

HWY_EXPORT(subtract_transposed);
HWY_EXPORT(subtract);
HWY_EXPORT(add);
HWY_EXPORT(factor_tile);
HWY_EXPORT(solve_left);
HWY_EXPORT(solve_right);
HWY_EXPORT(transpose_tile);

// A = RᵀR; d: at first the least good pivots, then 1 / R[r][r].
bool factor(SymmetricTiles& A, float* d, int threads) {
  for (size_t I = 0; I < A.tiles(); ++I) {
    float* diagonal = A.tile(I, I);
    for (size_t K = 0; K < I; ++K)
      HWY_DYNAMIC_DISPATCH(subtract_transposed)(A.tile(K, I), A.tile(K, I), diagonal, true);
    if (!HWY_DYNAMIC_DISPATCH(factor_tile)(diagonal, d + I * kT)) return false;
    parallel_for(A.tiles() - I - 1, threads, [&](size_t at, int) {
      const size_t J = I + 1 + at;
      for (size_t K = 0; K < I; ++K)
        HWY_DYNAMIC_DISPATCH(subtract_transposed)(A.tile(K, I), A.tile(K, J), A.tile(I, J), false);
      HWY_DYNAMIC_DISPATCH(solve_left)(diagonal, d + I * kT, A.tile(I, J));
    });
  }
  return true;
}

// R becomes W = R⁻¹, a column of tiles at a time, the old one set aside.
void invert_triangle(SymmetricTiles& R, const float* d, float* column, int threads) {
  for (size_t C = 0; C < R.tiles(); ++C) {
    for (size_t K = 0; K <= C; ++K)
      std::copy_n(R.tile(K, C), SymmetricTiles::kTileFloats, column + K * SymmetricTiles::kTileFloats);
    parallel_for(C + 1, threads, [&](size_t I, int) {
      float* out = R.tile(I, C);
      std::fill_n(out, SymmetricTiles::kTileFloats, 0.0f);
      if (I == C) {
        for (size_t r = 0; r < kT; ++r) out[SymmetricTiles::offset(r, r)] = 1.0f;
      }
      for (size_t K = I; K < C; ++K)
        HWY_DYNAMIC_DISPATCH(subtract)(R.tile(I, K), column + K * SymmetricTiles::kTileFloats, out);
      HWY_DYNAMIC_DISPATCH(solve_right)(column + C * SymmetricTiles::kTileFloats, d + C * kT, out);
    });
  }
}

// W becomes W Wᵀ. Column C of tiles needs those from C on, and no later one needs it.
void square_triangle(SymmetricTiles& W, float* column, int threads) {
  std::vector<AlignedBuffer<float>> sums(static_cast<size_t>(threads));
  for (size_t C = 0; C < W.tiles(); ++C) {
    parallel_for(W.tiles() - C, threads, [&](size_t at, int) {
      HWY_DYNAMIC_DISPATCH(transpose_tile)(W.tile(C, C + at), column + at * SymmetricTiles::kTileFloats);
    });
    parallel_for(C + 1, threads, [&](size_t I, int worker) {
      AlignedBuffer<float>& sum = sums[static_cast<size_t>(worker)];
      sum.assign(SymmetricTiles::kTileFloats, 0.0f);
      for (size_t K = C; K < W.tiles(); ++K) {
        HWY_DYNAMIC_DISPATCH(add)(W.tile(I, K), column + (K - C) * SymmetricTiles::kTileFloats, sum.data());
      }
      std::copy(sum.begin(), sum.end(), W.tile(I, C));
    });
  }
}

}  // namespace

bool spd_invert(SymmetricTiles& A, int threads) {
  // The padding is that of the unit matrix.
  const size_t padded = A.tiles() * kT;
  for (size_t J = 0; J < A.tiles() && padded > A.size(); ++J) {
    float* tile = A.tile(J, A.tiles() - 1);
    for (size_t c = A.size() % kT; c < kT; ++c) {
      for (size_t r = 0; r < kT; ++r) tile[SymmetricTiles::offset(r, c)] = J + 1 == A.tiles() && r == c ? 1.0f : 0.0f;
    }
  }
  AlignedBuffer<float> d(padded, plain::kLeastPivot);
  for (size_t r = 0; r < A.size(); ++r) d[r] = std::max(plain::kLeastPivot, A(r, r) * plain::kLeastPivotShare);
  if (!factor(A, d.data(), threads)) return false;
  AlignedBuffer<float> column(A.tiles() * SymmetricTiles::kTileFloats);
  invert_triangle(A, d.data(), column.data(), threads);
  square_triangle(A, column.data(), threads);
  return true;
}

uint64_t spd_invert_scratch(size_t n, int threads) {
  const uint64_t tiles = (n + kT - 1) / kT;
  return (tiles * (SymmetricTiles::kTileFloats + kT) + static_cast<uint64_t>(threads) * SymmetricTiles::kTileFloats) *
         sizeof(float);
}

}  // namespace rec
#endif
