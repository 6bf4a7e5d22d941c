// The Gramian of a few rows, added to a symmetric matrix: the work of a
// least-squares half step. F factors, n rows. Thread-safe: no shared state.
#pragma once

#include <cstddef>

namespace rec {

// For k = 0..n-1 in this order: A[r][c] = fma(y_k[r], y_k[c], A[r][c]) for all
// r <= c < F, where y_k = rows + k·F. So calls on successive chunks of rows give
// the bits of one call on all. Below the diagonal, the 16 × 16 blocks on the
// diagonal are updated as well; everything else below it is neither read nor
// written. For weights w_k > 0 pass sqrt(w_k)·y_k.
// REQUIRES: F % 16 == 0; row k begins at rows + k·F; A is F × F, row-major, with
// stride >= F and a multiple of 16; rows and A aligned to 64 bytes.
void syrk_add_upper(const float* rows, size_t n, size_t F, float* A, size_t stride);

}  // namespace rec
