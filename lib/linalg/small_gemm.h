// Products of matrices that lie in the caches, by one thread, without packing or
// allocation: the layers of a network over a few hundred rows. Symbols: M × K times
// K × N. linalg/sgemm.h is for large ones.
// In float32 each element of the result is one chain, as linalg/sgemm.h states it,
//   acc = start; for k in 0..K-1: acc = fma(A[m][k], B[k][n], acc)
// with start 0, C[m][n] where the product is added to C, or start[n]; in float64 the same
// without fusing, for tests. C overlaps neither A nor B.
#pragma once

#include <cstddef>

namespace rec {

// A matrix somewhere in memory: element (r, c) at data[r·stride + c].
template <class T>
struct Grid {
  T* data = nullptr;
  size_t stride = 0;
};

// C (+)= A·B.
void gemm_nn(size_t M, size_t N, size_t K, Grid<const float> A, Grid<const float> B, Grid<float> C, bool add);
void gemm_nn(size_t M, size_t N, size_t K, Grid<const double> A, Grid<const double> B, Grid<double> C, bool add);

// C = A·B, start[0..N) added to every row.
void gemm_nn_from(size_t M, size_t N, size_t K, const float* start, Grid<const float> A, Grid<const float> B,
                  Grid<float> C);
void gemm_nn_from(size_t M, size_t N, size_t K, const double* start, Grid<const double> A, Grid<const double> B,
                  Grid<double> C);

// C (+)= Aᵀ·B, A being K × M.
void gemm_tn(size_t M, size_t N, size_t K, Grid<const float> A, Grid<const float> B, Grid<float> C, bool add);
void gemm_tn(size_t M, size_t N, size_t K, Grid<const double> A, Grid<const double> B, Grid<double> C, bool add);

// to[c][r] = from[r][c] for R × C elements.
template <class T>
void transpose(size_t R, size_t C, Grid<const T> from, Grid<T> to) {
  constexpr size_t kBlock = 16;  // both sides' lines stay in the first cache
  for (size_t r0 = 0; r0 < R; r0 += kBlock) {
    const size_t r1 = r0 + kBlock < R ? r0 + kBlock : R;
    for (size_t c = 0; c < C; ++c) {
      for (size_t r = r0; r < r1; ++r) to.data[c * to.stride + r] = from.data[r * from.stride + c];
    }
  }
}
template <>
void transpose(size_t R, size_t C, Grid<const float> from, Grid<float> to);

}  // namespace rec
