#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/small_gemm.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "linalg/small_gemm.h"
#include "linalg/tile-inl.h"

#ifndef REC_SMALL_GEMM_OPERANDS_  // one type for all targets
#define REC_SMALL_GEMM_OPERANDS_
namespace rec {
namespace {

// Where the operands lie: A's element (m, k) at a[m·a_row + k·a_k]; the sums of row m
// start with start[m·start_row ...], nullptr: with 0.
struct Operands {
  const float* a;
  size_t a_row;
  size_t a_k;
  const float* b;
  size_t b_k;
  const float* start;
  size_t start_row;
  float* c;
  size_t c_row;
};

}  // namespace
}  // namespace rec
#endif

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

[[maybe_unused]] void plain_product(size_t M, size_t N, size_t K, const Operands& o) {
  for (size_t m = 0; m < M; ++m) {
    for (size_t n = 0; n < N; ++n) {
      float acc = o.start != nullptr ? o.start[m * o.start_row + n] : 0.0f;
      for (size_t k = 0; k < K; ++k) acc = std::fma(o.a[m * o.a_row + k * o.a_k], o.b[k * o.b_k + n], acc);
      o.c[m * o.c_row + n] = acc;
    }
  }
}

#if !REC_PLAIN_TARGET
template <int R, int C>
HWY_INLINE void tile_product(size_t K, const Operands& o) {
  alignas(64) static constexpr float kZero[C * kLanes16] = {};
  Tile<R, C> tile;
  tile.load(o.start != nullptr ? o.start : kZero, o.start_row, kLanes16);
  tile.template accumulate<false>(K, o.a, o.a_row, o.a_k, o.b, kLanes16, o.b_k);
  tile.store(o.c, o.c_row, kLanes16);
}

// M <= R rows.
template <int R, int C>
void last_rows(size_t M, size_t K, const Operands& o) {
  if constexpr (R > 0) {
    if (M == static_cast<size_t>(R)) return tile_product<R, C>(K, o);
    last_rows<R - 1, C>(M, K, o);
  }
}

// All rows of C blocks of columns, R at a time.
template <int R, int C>
void columns(size_t M, size_t K, Operands o) {
  for (; M >= R; M -= R, o.a += R * o.a_row, o.start += R * o.start_row, o.c += R * o.c_row) {
    if (o.start_row > 0) {  // what the next tile is added to may lie far away
      for (size_t r = 0; r < R; ++r) {
        for (size_t c = 0; c < C; ++c) __builtin_prefetch(o.start + (R + r) * o.start_row + c * kLanes16, 1);
      }
    }
    tile_product<R, C>(K, o);
  }
  last_rows<R - 1, C>(M, K, o);
}
#endif

#if !REC_PLAIN_TARGET
// The last `count` columns, fewer than a block, out of the block that ends with them. o: of this block. What is
// computed again of the columns before them is dropped: they may have been added to already.
template <int R>
void last_columns(size_t M, size_t count, size_t K, Operands o) {
  constexpr size_t kRows = 8 * R;
  alignas(64) float block[kRows * kLanes16];
  for (; M > 0;) {
    const size_t rows = std::min(M, kRows);
    Operands part = o;
    part.c = block;
    part.c_row = kLanes16;
    columns<R, 1>(rows, K, part);
    for (size_t m = 0; m < rows; ++m) {
      for (size_t n = kLanes16 - count; n < kLanes16; ++n) o.c[m * o.c_row + n] = block[m * kLanes16 + n];
    }
    M -= rows;
    o.a += rows * o.a_row;
    if (o.start != nullptr) o.start += rows * o.start_row;
    o.c += rows * o.c_row;
  }
}
#endif

void product(size_t M, size_t N, size_t K, const Operands& all) {
#if REC_PLAIN_TARGET
  plain_product(M, N, K, all);
#else
  Operands o = all;
  const auto forward = [&](size_t blocks) {
    N -= blocks * kLanes16;
    o.b += blocks * kLanes16;
    if (o.start != nullptr) o.start += blocks * kLanes16;
    o.c += blocks * kLanes16;
  };
  if constexpr (kParts == 1) {  // 32 registers of a block each
    for (; N >= 4 * kLanes16; forward(4)) columns<6, 4>(M, K, o);
    for (; N >= 3 * kLanes16; forward(3)) columns<8, 3>(M, K, o);
    for (; N >= 2 * kLanes16; forward(2)) columns<12, 2>(M, K, o);
    for (; N >= kLanes16; forward(1)) columns<12, 1>(M, K, o);
  } else {
    for (; N >= kLanes16; forward(1)) columns<kTileRows, 1>(M, K, o);
  }
  if (N == 0) return;
  if (o.c == all.c) return plain_product(M, N, K, o);  // fewer columns than a block
  const size_t back = kLanes16 - N;
  o.b -= back;
  if (o.start != nullptr) o.start -= back;
  o.c -= back;
  last_columns<kParts == 1 ? 12 : kTileRows>(M, N, K, o);
#endif
}

void transpose_floats(size_t R, size_t C, Grid<const float> from, Grid<float> to) {
  size_t whole_rows = 0;
  size_t whole_cols = 0;
#if !REC_PLAIN_TARGET
  constexpr size_t kSide = 4;
  const hn::Full128<float> d;
  whole_rows = R / kSide * kSide;
  whole_cols = C / kSide * kSide;
  for (size_t r = 0; r < whole_rows; r += kSide) {
    const float* in = from.data + r * from.stride;
    float* out = to.data + r;
    for (size_t c = 0; c < whole_cols; c += kSide, in += kSide, out += kSide * to.stride) {
      const auto row0 = hn::LoadU(d, in);
      const auto row1 = hn::LoadU(d, in + from.stride);
      const auto row2 = hn::LoadU(d, in + 2 * from.stride);
      const auto row3 = hn::LoadU(d, in + 3 * from.stride);
      const auto low02 = hn::InterleaveLower(d, row0, row2);
      const auto low13 = hn::InterleaveLower(d, row1, row3);
      const auto high02 = hn::InterleaveUpper(d, row0, row2);
      const auto high13 = hn::InterleaveUpper(d, row1, row3);
      hn::StoreU(hn::InterleaveLower(d, low02, low13), d, out);
      hn::StoreU(hn::InterleaveUpper(d, low02, low13), d, out + to.stride);
      hn::StoreU(hn::InterleaveLower(d, high02, high13), d, out + 2 * to.stride);
      hn::StoreU(hn::InterleaveUpper(d, high02, high13), d, out + 3 * to.stride);
    }
  }
#endif
  for (size_t r = 0; r < R; ++r) {
    for (size_t c = r < whole_rows ? whole_cols : 0; c < C; ++c)
      to.data[c * to.stride + r] = from.data[r * from.stride + c];
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {
namespace {

HWY_EXPORT(product);
HWY_EXPORT(transpose_floats);

constexpr size_t kDepth = 128;  // rows of A and B a pass, where they are long columns

// A float64 product; element(m, k): of A; start(m, n): of what C starts with.
template <class Element, class Start>
void in_double(size_t M, size_t N, size_t K, Element element, Grid<const double> B, Start start, Grid<double> C) {
  for (size_t m = 0; m < M; ++m) {
    for (size_t n = 0; n < N; ++n) {
      double acc = start(m, n);
      for (size_t k = 0; k < K; ++k) acc += element(m, k) * B.data[k * B.stride + n];
      C.data[m * C.stride + n] = acc;
    }
  }
}

auto itself_or_zero(Grid<double> C, bool add) {
  return [=](size_t m, size_t n) { return add ? C.data[m * C.stride + n] : 0.0; };
}

}  // namespace

void gemm_nn(size_t M, size_t N, size_t K, Grid<const float> A, Grid<const float> B, Grid<float> C, bool add) {
  HWY_DYNAMIC_DISPATCH(product)
  (M, N, K, {A.data, A.stride, 1, B.data, B.stride, add ? C.data : nullptr, add ? C.stride : 0, C.data, C.stride});
}

void gemm_nn_from(size_t M, size_t N, size_t K, const float* start, Grid<const float> A, Grid<const float> B,
                  Grid<float> C) {
  HWY_DYNAMIC_DISPATCH(product)(M, N, K, {A.data, A.stride, 1, B.data, B.stride, start, 0, C.data, C.stride});
}

void gemm_tn(size_t M, size_t N, size_t K, Grid<const float> A, Grid<const float> B, Grid<float> C, bool add) {
  size_t k = 0;
  do {
    const bool adds = add || k > 0;
    HWY_DYNAMIC_DISPATCH(product)
    (M, N, std::min(kDepth, K - k),
     {A.data + k * A.stride, 1, A.stride, B.data + k * B.stride, B.stride, adds ? C.data : nullptr, adds ? C.stride : 0,
      C.data, C.stride});
    k += kDepth;
  } while (k < K);
}

void gemm_nn(size_t M, size_t N, size_t K, Grid<const double> A, Grid<const double> B, Grid<double> C, bool add) {
  in_double(
      M, N, K, [&](size_t m, size_t k) { return A.data[m * A.stride + k]; }, B, itself_or_zero(C, add), C);
}

void gemm_nn_from(size_t M, size_t N, size_t K, const double* start, Grid<const double> A, Grid<const double> B,
                  Grid<double> C) {
  in_double(
      M, N, K, [&](size_t m, size_t k) { return A.data[m * A.stride + k]; }, B,
      [&](size_t, size_t n) { return start[n]; }, C);
}

void gemm_tn(size_t M, size_t N, size_t K, Grid<const double> A, Grid<const double> B, Grid<double> C, bool add) {
  in_double(
      M, N, K, [&](size_t m, size_t k) { return A.data[k * A.stride + m]; }, B, itself_or_zero(C, add), C);
}

template <>
void transpose(size_t R, size_t C, Grid<const float> from, Grid<float> to) {
  HWY_DYNAMIC_DISPATCH(transpose_floats)(R, C, from, to);
}

}  // namespace rec
#endif
