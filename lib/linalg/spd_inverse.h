// The inverse of a large symmetric positive definite matrix: n unknowns, n³ flops
// (Cholesky, the triangle's inverse and its square take a third each).
#pragma once

#include <cstdint>

#include "linalg/symmetric_tiles.h"

namespace rec {

// A becomes A⁻¹, in place: P of A = RᵀR, W = R⁻¹, P = W Wᵀ, with r <= c:
//   s = A[r][c]; for k in 0..r-1:  s = fma(-R[k][r], R[k][c], s); R[r][c] = s·d_r,
//     where d_r = 1 / sqrt(s_rr);
//   s = r == c;  for k in r..c-1:  s = fma(-W[r][k], R[k][c], s); W[r][c] = s·d_c;
//   s = 0;       for k in c..n-1:  s = fma(W[r][k], W[c][k], s);  P[r][c] = s.
// So tiles, vector width and threads change no bit (plain::spd_invert). Of A only
// the upper triangle is read. Returns false, with A in an unspecified state, if a
// pivot s_rr is not in [2^-126, 2^126] or below 2^-20 A[r][r], where rounding is all
// that is left (not positive definite, NaN, ...).
//
// Accuracy: in float32 the relative error of P grows as κ(A)·2^-24·sqrt(n), κ the
// quotient of the extreme eigenvalues; 1e-3 at κ = 1e4 is what to expect, and a
// matrix of κ beyond 1e6 may be refused. Memory beyond A: spd_invert_scratch().
[[nodiscard]] bool spd_invert(SymmetricTiles& A, int threads);

// Bytes that spd_invert needs beyond the matrix.
uint64_t spd_invert_scratch(size_t n, int threads);

}  // namespace rec
