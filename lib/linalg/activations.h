// Scores of pairs made of functions of single values, in an arithmetic that plain.h
// states: a result depends on its own inputs alone, never on n, on the
// position or on the vector width. Symbols: D image size. Thread-safe: no state.
#pragma once

#include <cstddef>

namespace rec {

// out[i] = Σ_d v[d]·tanh(a[d] + rows[i][d]), in 16 lanes as lane_dots() has them;
// absolute error of a tanh below 2e-7. REQUIRES: D % 16 == 0.
void tanh_scores(const float* a, const float* const* rows, size_t n, size_t D, const float* v, float* out);

// out[d] = max(0, a[d] + x[d]) for d < n.
void add_relu(const float* a, const float* x, size_t n, float* out);

// out[i] = ln((1/K)·Σ_k e^s[k·stride + i]) for i < n, the greatest term taken out
// first; an error of about 3e-7 beside s. out may be s. REQUIRES: K > 0.
void log_mean_exp(const float* s, size_t K, size_t stride, size_t n, float* out);
void log_mean_exp(const double* s, size_t K, size_t stride, size_t n, double* out);  // the library's

// x[i] = ln x[i], for x[i] > 0; of numbers below the normal range, about -87. Absolute
// error below 2e-7 beside ln x.
void log_all(float* x, size_t n);
void log_all(double* x, size_t n);  // the library's

}  // namespace rec
