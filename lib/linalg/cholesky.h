// Symmetric positive definite systems: F unknowns. Thread-safe: scratch memory,
// where needed, is thread_local.
#pragma once

#include <cstddef>

namespace rec {

// Solves A x = b; b becomes x. Only the upper triangle of A is read; all of A is
// destroyed. Arithmetic: A = RᵀR with, for c > r,
//   s_rc = A[r][c]; for k in 0..r-1: s_rc = fma(-R[k][r], R[k][c], s_rc);
//   q_r = 1 / p_r; d_r = sqrt(p_r)·q_r; R[r][c] = s_rc·d_r,
// where the pivot p_r is s_rr, but where r % 16 != 0 its last step, k = r-1, is
// fma(-(u·q_k), u, ·) with u = s_kr, so that pivots do not wait for roots;
// forward: s = b[c]; for k in 0..c-1: s = fma(-R[k][c], z[k], s); z[c] = s·d_c,
// backward: s = z[r]; for c in F-1..r+1: s = fma(-R[r][c], x[c], s); x[r] = s·d_r.
// So blocking and vector width change no bit. Returns false, with A and b in an
// unspecified state, if a pivot is not in [2^-126, 2^126] (not positive, NaN, ...).
// REQUIRES: F % 16 == 0 (pad with the unit matrix: cholesky_pad); A row-major,
// stride >= F and a multiple of 16; A and b aligned to 64 bytes, b F long.
[[nodiscard]] bool cholesky_solve_upper(float* A, float* b, size_t F, size_t stride);

// Makes rows and columns [used, F) of the upper triangle those of the unit
// matrix, and b[used..F) zero: the solution is then zero there and unchanged
// elsewhere.
void cholesky_pad(float* A, float* b, size_t used, size_t F, size_t stride);

}  // namespace rec
