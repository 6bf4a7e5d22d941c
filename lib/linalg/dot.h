// Inner products in canonical arithmetic (see linalg/plain.h): F factors.
// Results depend on the two vectors and F alone, never on n, on the position in
// a batch or on the machine's vector width. Thread-safe: no state.
#pragma once

#include <cstddef>

namespace rec {

// acc = init; for f in 0..F-1: acc = fma(a[f], b[f], acc). For many pairs with a
// common side use dots() or score_block(): same bits, 10 to 40 times the speed.
float dot(const float* a, const float* b, size_t F, float init = 0.0f);

// out[i] = dot(h, x[i], F, init ? init[i] : 0) for i < n. h and x[i] are F long;
// no alignment and no padding is needed. out may be init, but not overlap h, x.
void dots(const float* h, const float* const* x, size_t n, size_t F, float* out, const float* init = nullptr);

// y[f] = fma(a, x[f], y[f]) for f < n. REQUIRES: x == y or no overlap.
void axpy(float a, const float* x, size_t n, float* y);

// axpy for n rows in turn: y[f] = fma(a[k], rows[k·F + f], y[f]) for k = 0..n-1.
// REQUIRES: F % 16 == 0; y overlaps neither a nor rows.
void axpys(const float* a, const float* rows, size_t n, size_t F, float* y);

// Inner products of another arithmetic, several times the speed of dots() where
// neither h nor x[i] is packed: 16 chains, l_j over the factors f with f % 16 == j
// (from 0; fma(h[f], x[i][f], l_j)), that are added by halves: l_j + l_{j+8}, then
// j + 4, j + 2, j + 1; out[i] = (init ? init[i] : 0) + that sum. As with dots() a
// result depends on h, x[i] and init[i] alone. out may be init.
// REQUIRES: F % 16 == 0.
void lane_dots(const float* h, const float* const* x, size_t n, size_t F, float* out, const float* init = nullptr);

}  // namespace rec
