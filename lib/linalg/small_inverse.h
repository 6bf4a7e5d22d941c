// The inverse of a small symmetric positive definite matrix in double: n unknowns, n³ fused multiply-adds. For the
// systems of single rows, for which Eigen's packing costs more than the work; spd_inverse.h has the large one.
// Thread-safe.
#pragma once

#include <cstddef>

namespace rec {

// The row length of a matrix of n rows: whole vectors of 8.
constexpr size_t small_stride(size_t n) { return (n + 7) / 8 * 8; }

// A becomes A⁻¹ by Gauss-Jordan elimination without exchanges (sweeps; Beaton 1964), both triangles. For k ascending:
//   p = A[k][k]; r_c = A[k][c]·(1/p) for c != k, r_k = 1/p;
//   for i != k, f = A[i][k]: A[i][k] = -(f·r_k), A[i][c] = fma(-f, r_c, A[i][c]) for c != k; row k becomes r.
// So vector width changes no bit. Returns false, with A in an unspecified state, if a pivot p is not positive and
// finite; else *log_determinant = Σ ln p. REQUIRES: A row-major with stride small_stride(n), aligned to 64 bytes,
// zero beyond column n.
[[nodiscard]] bool small_spd_invert(double* A, size_t n, double* log_determinant);

}  // namespace rec
