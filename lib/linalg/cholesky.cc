#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/cholesky.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "linalg/cholesky.h"
#include "linalg/plain.h"
#include "linalg/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

#if REC_PLAIN_TARGET

bool cholesky_solve_upper(float* A, float* b, size_t F, size_t stride) {
  return plain::cholesky_solve_upper(A, b, F, stride);
}

#else

constexpr size_t kHeight = 64;    // rows updated together from the packed rows above
constexpr size_t kDepth = 128;    // and by this many of them a pass
constexpr size_t kInPlace = 128;  // up to this F everything fits L1, or nearly

// The lane i of a block in all lanes.
HWY_INLINE V broadcast(const V (&row)[kParts], int i) {
  const hn::RebindToSigned<D> di;
  return hn::TableLookupLanes(row[i / kLanes], hn::IndicesFromVec(kD, hn::Set(di, i % kLanes)));
}

// A[r..][c..] of R × 16C: subtracts rows k0..k1-1 of R (see cholesky.h).
template <int R, int C>
HWY_INLINE void subtract_tile(const Panels& y, size_t k0, size_t k1, size_t r, size_t c, float* A, size_t stride) {
  Tile<R, C> tile;
  float* corner = A + r * stride + c;
  tile.load(corner, stride, kLanes16);
  tile.template accumulate<true>(k1 - k0, y.at(r) + k0 * y.step, 1, y.step, y.at(c) + k0 * y.step, y.block, y.step);
  tile.store(corner, stride, kLanes16);
}

// Rows [r0, r1) of the upper blocks, r0 and r1 multiples of 16.
void subtract_rows(const Panels& y, size_t k0, size_t k1, size_t r0, size_t r1, size_t F, float* A, size_t stride) {
  if (k0 == k1) return;
  for (size_t c = r0; c < F;) {
    const size_t left = (F - c) / kLanes16;
    const size_t blocks = kTileBlocks == 1 ? 1 : left == 4 ? 2 : HWY_MIN(left, 3);
    const size_t r_end = HWY_MIN(r1, c + blocks * kLanes16);
    if constexpr (kTileBlocks == 3) {
      if (blocks == 1) {
        for (size_t r = r0; r < r_end; r += 16) subtract_tile<16, 1>(y, k0, k1, r, c, A, stride);
      } else if (blocks == 2) {
        for (size_t r = r0; r < r_end; r += 8) subtract_tile<8, 2>(y, k0, k1, r, c, A, stride);
      } else {
        for (size_t r = r0; r < r_end; r += 8) subtract_tile<8, 3>(y, k0, k1, r, c, A, stride);
      }
    } else {
      for (size_t r = r0; r < r_end; r += kTileRows) subtract_tile<kTileRows, 1>(y, k0, k1, r, c, A, stride);
    }
    c += blocks * kLanes16;
  }
}

// Row J and those below it of a 16 × 16 block on the diagonal. `pivot` is p_J;
// the next one is computed ahead of the vectors, because the chain of pivots is
// what the time of small F is made of.
template <int J>
HWY_INLINE void eliminate(Tile<16, 1>& t, float pivot, float* diagonal, size_t step, float* inverse, V (&z)[kParts],
                          float* solved, bool& good) {
  good &= (pivot >= plain::kLeastPivot) & (pivot <= plain::kGreatestPivot);
  const float reciprocal = 1.0f / pivot;
  // std::sqrt would call the library for negative values and spill everything.
  const hn::CappedTag<float, 4> d4;
  const float d = hn::GetLane(hn::Sqrt(hn::Set(d4, pivot))) * reciprocal;
  inverse[J] = d;
  float next = 0.0f;
  if constexpr (J < 15) {
    const float u = hn::GetLane(broadcast(t.v[J], J + 1));
    next = std::fma(-(u * reciprocal), u, hn::GetLane(broadcast(t.v[J + 1], J + 1)));
  }
  const V dv = hn::Set(kD, d);
#pragma GCC unroll 4
  for (int part = 0; part < kParts; ++part) {
    t.v[J][part] = hn::Mul(t.v[J][part], dv);
    hn::StoreU(t.v[J][part], kD, diagonal + J * step + static_cast<size_t>(part * kLanes));
  }
  const V zj = hn::Mul(broadcast(z, J), dv);
  solved[J] = hn::GetLane(zj);
#pragma GCC unroll 4
  for (int part = 0; part < kParts; ++part) z[part] = hn::NegMulAdd(t.v[J][part], zj, z[part]);
#pragma GCC unroll 16
  for (int i = J + 1; i < 16; ++i) {
    // In registers where the next pivot waits for it, else by way of memory.
    const V left = i == J + 1 ? broadcast(t.v[J], i) : hn::Set(kD, diagonal[J * step + static_cast<size_t>(i)]);
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) t.v[i][part] = hn::NegMulAdd(left, t.v[J][part], t.v[i][part]);
  }
  if constexpr (J < 15) eliminate<J + 1>(t, next, diagonal, step, inverse, z, solved, good);
}

// Rows [r, r + 16) once all rows above are subtracted: makes them R, stores them
// in y, and takes b along as one more column.
bool finish_rows(const Panels& y, size_t r, size_t F, const float* A, size_t stride, float* b, float* inverse) {
  Tile<16, 1> t;
  t.load(A + r * stride + r, stride, kLanes16);
  V z[kParts];
#pragma GCC unroll 4
  for (int part = 0; part < kParts; ++part) z[part] = hn::Load(kD, b + r + static_cast<size_t>(part * kLanes));
  bool good = true;
  float* diagonal = y.at(r) + r * y.step;
  eliminate<0>(t, A[r * stride + r], diagonal, y.step, inverse + r, z, b + r, good);
  if (!good) return false;
  for (size_t c = r + kLanes16; c < F; c += kLanes16) {
    t.load(A + r * stride + c, stride, kLanes16);
    V right[kParts];
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) right[part] = hn::Load(kD, b + c + static_cast<size_t>(part * kLanes));
#pragma GCC unroll 16
    for (int j = 0; j < 16; ++j) {
      const V dv = hn::Set(kD, inverse[r + static_cast<size_t>(j)]);
      const V zj = hn::Set(kD, b[r + static_cast<size_t>(j)]);
#pragma GCC unroll 4
      for (int part = 0; part < kParts; ++part) {
        t.v[j][part] = hn::Mul(t.v[j][part], dv);
        right[part] = hn::NegMulAdd(t.v[j][part], zj, right[part]);
      }
#pragma GCC unroll 16
      for (int i = j + 1; i < 16; ++i) {
        const V left = hn::Set(kD, diagonal[static_cast<size_t>(j) * y.step + static_cast<size_t>(i)]);
#pragma GCC unroll 4
        for (int part = 0; part < kParts; ++part) t.v[i][part] = hn::NegMulAdd(left, t.v[j][part], t.v[i][part]);
      }
    }
    t.store(y.at(c) + r * y.step, y.step, kLanes16);
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) hn::Store(right[part], kD, b + c + static_cast<size_t>(part * kLanes));
  }
  return true;
}

// b[r..r+16) -= R[r..r+16)[c..c+16) · x[c..c+16), columns descending.
HWY_INLINE void subtract_solved(const Panels& y, size_t r, size_t c, float* b) {
  V acc[kParts];
#pragma GCC unroll 4
  for (int part = 0; part < kParts; ++part) acc[part] = hn::Load(kD, b + r + static_cast<size_t>(part * kLanes));
  const float* block = y.at(c) + r * y.step;
  for (size_t quad = 16; quad > 0;) {
    quad -= 4;
    const Columns4 columns = load_columns4([&](int i) { return block + static_cast<size_t>(i) * y.step + quad; });
#pragma GCC unroll 4
    for (size_t i = 4; i-- > 0;) {
      const V x = hn::Set(kD, b[c + quad + i]);
#pragma GCC unroll 4
      for (int part = 0; part < kParts; ++part) acc[part] = hn::NegMulAdd(columns.v[i][part], x, acc[part]);
    }
  }
#pragma GCC unroll 4
  for (int part = 0; part < kParts; ++part) hn::Store(acc[part], kD, b + r + static_cast<size_t>(part * kLanes));
}

void back_substitute(const Panels& y, size_t F, float* b, const float* inverse) {
  for (size_t c = F; c > 0;) {
    c -= kLanes16;
    // The triangle in scalars: its chain is one product and one fma a row.
    const float* block = y.at(c) + c * y.step;
    float s[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) s[i] = b[c + static_cast<size_t>(i)];
#pragma GCC unroll 16
    for (int j = 15; j >= 0; --j) {
      s[j] *= inverse[c + static_cast<size_t>(j)];
#pragma GCC unroll 16
      for (int i = j - 1; i >= 0; --i) {
        s[i] = std::fma(-block[static_cast<size_t>(i) * y.step + static_cast<size_t>(j)], s[j], s[i]);
      }
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) b[c + static_cast<size_t>(i)] = s[i];
    for (size_t r = c; r > 0;) {
      r -= kLanes16;
      subtract_solved(y, r, c, b);
    }
  }
}

bool cholesky_solve_upper(float* A, float* b, size_t F, size_t stride) {
  if (F <= kInPlace) {
    const Panels y{A, kLanes16, stride};
    alignas(64) float inverse[kInPlace];
    for (size_t r = 0; r < F; r += kLanes16) {
      subtract_rows(y, 0, r, r, r + kLanes16, F, A, stride);
      if (!finish_rows(y, r, F, A, stride, b, inverse)) return false;
    }
    back_substitute(y, F, b, inverse);
    return true;
  }
  static thread_local AlignedBuffer<float> scratch;
  if (scratch.size() < F * F + F) scratch.resize(F * F + F);
  const Panels y{scratch.data(), F * kLanes16, kLanes16};
  float* inverse = scratch.data() + F * F;
  for (size_t top = 0; top < F; top += kHeight) {
    const size_t bottom = HWY_MIN(top + kHeight, F);
    for (size_t k = 0; k < top; k += kDepth) {
      subtract_rows(y, k, HWY_MIN(k + kDepth, top), top, bottom, F, A, stride);
    }
    for (size_t r = top; r < bottom; r += kLanes16) {
      subtract_rows(y, top, r, r, r + kLanes16, F, A, stride);
      if (!finish_rows(y, r, F, A, stride, b, inverse)) return false;
    }
  }
  back_substitute(y, F, b, inverse);
  return true;
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {

HWY_EXPORT(cholesky_solve_upper);

bool cholesky_solve_upper(float* A, float* b, size_t F, size_t stride) {
  return HWY_DYNAMIC_DISPATCH(cholesky_solve_upper)(A, b, F, stride);
}

void cholesky_pad(float* A, float* b, size_t used, size_t F, size_t stride) {
  for (size_t r = 0; r < F; ++r) {
    float* row = A + r * stride;
    std::fill(row + std::max(used, r), row + F, 0.0f);
    if (r >= used) row[r] = 1.0f;
  }
  std::fill(b + used, b + F, 0.0f);
}

}  // namespace rec
#endif
