// The arithmetic of this room, written out. Every float32 result of linalg is,
// element by element, one chain of fused multiply-adds in a stated order, so
// register tiles, vector width, tails, threads and batch position change no bit.
// These functions ARE the definition: slow, obvious, and the oracle of the
// tests. REQUIRES and shapes as in the header of the fast function.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "linalg/matrix.h"
#include "linalg/panel_matrix.h"
#include "linalg/top_k.h"

namespace rec::plain {

inline float dot(const float* a, const float* b, size_t F, float init = 0.0f) {
  float acc = init;
  for (size_t f = 0; f < F; ++f) acc = std::fma(a[f], b[f], acc);
  return acc;
}

inline void dots(const float* h, const float* const* x, size_t n, size_t F, float* out, const float* init = nullptr) {
  for (size_t i = 0; i < n; ++i) out[i] = dot(h, x[i], F, init ? init[i] : 0.0f);
}

inline void axpy(float a, const float* x, size_t n, float* y) {
  for (size_t f = 0; f < n; ++f) y[f] = std::fma(a, x[f], y[f]);
}

inline void axpys(const float* a, const float* rows, size_t n, size_t F, float* y) {
  for (size_t k = 0; k < n; ++k) axpy(a[k], rows + k * F, F, y);
}

// Row i of y (n values each) -= f[i]·r.
inline void subtract_rows(const double* r, const double* f, size_t rows, size_t n, double* y) {
  for (size_t i = 0; i < rows; ++i) {
    for (size_t c = 0; c < n; ++c) y[i * n + c] = std::fma(-f[i], r[c], y[i * n + c]);
  }
}

// Of a panel of linalg/panel_matrix.h; weight: nullptr: all 1.
inline void panel_sum(const float* panel, const uint32_t* index, const float* weight, size_t n, float* out) {
  constexpr size_t kColumns = PanelMatrix::kColumns;
  for (size_t c = 0; c < kColumns; ++c) {
    double sum = 0.0;
    for (size_t k = 0; k < n; ++k)
      sum = std::fma(weight == nullptr ? 1.0 : static_cast<double>(weight[k]),
                     static_cast<double>(panel[index[k] * kColumns + c]), sum);
    out[c] = static_cast<float>(sum);
  }
}

inline void lane_dots(const float* h, const float* const* x, size_t n, size_t F, float* out,
                      const float* init = nullptr) {
  for (size_t i = 0; i < n; ++i) {
    float lane[kLanes16] = {};
    for (size_t f = 0; f < F; ++f) lane[f % kLanes16] = std::fma(h[f], x[i][f], lane[f % kLanes16]);
    for (size_t half = kLanes16 / 2; half > 0; half /= 2) {
      for (size_t j = 0; j < half; ++j) lane[j] += lane[j + half];
    }
    out[i] = (init ? init[i] : 0.0f) + lane[0];
  }
}

inline void syrk_add_upper(const float* rows, size_t n, size_t F, float* A, size_t stride) {
  for (size_t r = 0; r < F; ++r) {
    for (size_t c = r / kLanes16 * kLanes16; c < F; ++c) {
      float acc = A[r * stride + c];
      for (size_t k = 0; k < n; ++k) acc = std::fma(rows[k * F + r], rows[k * F + c], acc);
      A[r * stride + c] = acc;
    }
  }
}

inline constexpr float kLeastPivot = 0x1p-126f;
inline constexpr float kGreatestPivot = 0x1p126f;

inline bool cholesky_solve_upper(float* A, float* b, size_t F, size_t stride) {
  std::vector<float> inverse(F);
  float last_reciprocal = 0.0f;  // 1 / p of the row above
  float last_unscaled = 0.0f;    // its element over this row's diagonal, before scaling
  for (size_t r = 0; r < F; ++r) {
    const bool ahead = r % kLanes16 != 0;
    float pivot = A[r * stride + r];
    for (size_t k = 0; k < (ahead ? r - 1 : r); ++k) pivot = std::fma(-A[k * stride + r], A[k * stride + r], pivot);
    if (ahead) pivot = std::fma(-(last_unscaled * last_reciprocal), last_unscaled, pivot);
    if (!(pivot >= kLeastPivot && pivot <= kGreatestPivot)) return false;
    last_reciprocal = 1.0f / pivot;
    inverse[r] = std::sqrt(pivot) * last_reciprocal;
    for (size_t c = r + 1; c < F; ++c) {
      float s = A[r * stride + c];
      for (size_t k = 0; k < r; ++k) s = std::fma(-A[k * stride + r], A[k * stride + c], s);
      if (c == r + 1) last_unscaled = s;
      A[r * stride + c] = s * inverse[r];
    }
  }
  for (size_t c = 0; c < F; ++c) {
    float s = b[c];
    for (size_t k = 0; k < c; ++k) s = std::fma(-A[k * stride + c], b[k], s);
    b[c] = s * inverse[c];
  }
  for (size_t r = F; r-- > 0;) {
    float s = b[r];
    for (size_t c = F; c-- > r + 1;) s = std::fma(-A[r * stride + c], b[c], s);
    b[r] = s * inverse[r];
  }
  return true;
}

inline constexpr float kLeastPivotShare = 0x1p-20f;  // of the diagonal element

// The upper triangle of A (n × n) becomes that of its inverse.
inline bool spd_invert(MatrixView A) {
  const size_t n = A.rows;
  std::vector<float> d(n);
  for (size_t r = 0; r < n; ++r) {
    const float least = std::max(kLeastPivot, A(r, r) * kLeastPivotShare);
    for (size_t c = r; c < n; ++c) {
      float s = A(r, c);
      for (size_t k = 0; k < r; ++k) s = std::fma(-A(k, r), A(k, c), s);
      if (c == r) {
        if (!(s >= least && s <= kGreatestPivot)) return false;
        d[r] = 1.0f / std::sqrt(s);
      }
      A(r, c) = s * d[r];
    }
  }
  for (size_t r = 0; r < n; ++r) {  // row r of R is not needed by later rows of W
    for (size_t c = r; c < n; ++c) {
      float s = c == r ? 1.0f : 0.0f;
      for (size_t k = r; k < c; ++k) s = std::fma(-A(r, k), A(k, c), s);
      A(r, c) = s * d[c];
    }
  }
  for (size_t c = 0; c < n; ++c) {  // nor is column c of W by later columns of P
    for (size_t r = 0; r <= c; ++r) {
      float s = 0.0f;
      for (size_t k = c; k < n; ++k) s = std::fma(A(r, k), A(c, k), s);
      A(r, c) = s;
    }
  }
  return true;
}

inline void sgemm(ConstMatrixView A, ConstMatrixView B, MatrixView C) {
  for (size_t m = 0; m < A.rows; ++m) {
    for (size_t n = 0; n < B.cols; ++n) {
      float acc = 0.0f;
      for (size_t k = 0; k < A.cols; ++k) acc = std::fma(A(m, k), B(k, n), acc);
      C(m, n) = acc;
    }
  }
}

inline std::vector<Scored> top_k(const float* scores, size_t n, size_t k, const uint32_t* index_of_position = nullptr) {
  std::vector<Scored> all;
  for (size_t i = 0; i < n; ++i) {
    if (scores[i] == -std::numeric_limits<float>::infinity()) continue;
    all.push_back({index_of_position ? index_of_position[i] : static_cast<uint32_t>(i), scores[i] + 0.0f});
  }
  std::sort(all.begin(), all.end(), [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.index < b.index;
  });
  if (all.size() > k) all.resize(k);
  return all;
}

// 1/τ as the sum of two floats.
struct InverseTau {
  float hi;
  float lo;
};

inline InverseTau inverse_tau(double tau) {
  const double inverse = 1.0 / std::min(std::max(tau, 1e-30), 1e30);
  const float hi = static_cast<float>(inverse);
  return {hi, static_cast<float>(inverse - static_cast<double>(hi))};
}

// exp((g - m)/τ) for g <= m. The argument is carried in two floats, because one
// float's rounding at -80 would already be an error of 4e-6 in the result; then
// exp(z) = 2^n·exp(r), |r| <= ln2/2, with the polynomial of Cephes' expf.
inline constexpr float kExpCutoff = -104.0f;  // below it even denormals vanish
inline constexpr float kLog2E = 1.44269504088896341f;
inline constexpr float kLn2Hi = 0.693359375f;
inline constexpr float kLn2Lo = -2.12194440e-4f;
inline constexpr float kExpPoly[6] = {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f,
                                      4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f};

inline float exp_term(float g, float m, InverseTau inverse) {
  const float d = g - m;
  const float zh = d * inverse.hi;
  if (!(zh > kExpCutoff)) return 0.0f;
  const float bb = d - g;
  const float rest = (g - (d - bb)) - (m + bb);  // g - m == d + rest exactly
  float zl = std::fma(d, inverse.hi, -zh);
  zl = std::fma(d, inverse.lo, zl);
  zl = std::fma(rest, inverse.hi, zl);
  const float n = std::nearbyint(zh * kLog2E);
  float r = std::fma(n, -kLn2Hi, zh);
  r = r + std::fma(n, -kLn2Lo, zl);
  float q = kExpPoly[0];
  for (int i = 1; i < 6; ++i) q = std::fma(q, r, kExpPoly[i]);
  const float p = std::fma(q, r * r, r) + 1.0f;
  // Two powers of two, so that the result may be denormal.
  const int power = static_cast<int>(n);
  const int half = power >> 1;
  return p * std::ldexp(1.0f, half) * std::ldexp(1.0f, power - half);
}

// Two grids that terms in [0, 1] are rounded to, (t + hi) - hi and what is left by
// lo, so coarse that sums of n such parts are exact in double: then the sum does
// not depend on the order of the terms. What is lost is below n·2^-60. {0, 0}
// leaves terms as they are.
struct SumGrid {
  double hi = 0.0;
  double lo = 0.0;
};

inline SumGrid sum_grid(size_t n) {
  int bits = 0;  // n <= 2^bits
  while (bits < 40 && (size_t{1} << bits) < n) ++bits;
  const int g = std::min(40, 52 - bits);       // hi parts are multiples of 2^-g
  const int g2 = g + std::min(40, 53 - bits);  // lo parts, at most 2^-(g+1), of 2^-g2
  return {std::ldexp(1.5, 52 - g), std::ldexp(1.5, 52 - g2)};
}

// Σ exp_term in 16 partial sums, those of the parts on the grids apart.
inline double exp_sum(const float* g, size_t n, float m, InverseTau inverse, SumGrid grid = {}) {
  double lanes[kLanes16] = {};
  double low[kLanes16] = {};
  for (size_t i = 0; i < n; ++i) {
    const auto term = static_cast<double>(exp_term(g[i], m, inverse));
    const double part = (term + grid.hi) - grid.hi;
    lanes[i % kLanes16] += part;
    low[i % kLanes16] += ((term - part) + grid.lo) - grid.lo;
  }
  double sum = 0.0;
  double rest = 0.0;
  for (double lane : lanes) sum += lane;
  for (double lane : low) rest += lane;
  return sum + rest;
}

// alpha[i] = exp_term·(1/S), the reciprocal taken in double and rounded to float.
inline void exp_shares(const float* g, size_t n, float m, double sum, InverseTau inverse, float* alpha) {
  const float scale = sum > 0.0 ? static_cast<float>(1.0 / sum) : 0.0f;
  for (size_t i = 0; i < n; ++i) alpha[i] = exp_term(g[i], m, inverse) * scale;
}

inline void softmax(const float* scores, size_t n, double tau, float* alpha) {
  float m = -std::numeric_limits<float>::infinity();
  for (size_t i = 0; i < n; ++i) m = std::max(m, scores[i]);
  const InverseTau inverse = inverse_tau(tau);
  exp_shares(scores, n, m, exp_sum(scores, n, m, inverse, sum_grid(n)), inverse, alpha);
}

// e^x, as exp_term has it but for an x in one float.
inline constexpr float kExpLeast = -87.0f;
inline constexpr float kExpGreatest = 88.0f;

inline float exp_of(float x) {
  x = std::min(std::max(x, kExpLeast), kExpGreatest);
  const float n = std::nearbyint(x * kLog2E);
  const float r = std::fma(n, -kLn2Lo, std::fma(n, -kLn2Hi, x));
  float q = kExpPoly[0];
  for (int i = 1; i < 6; ++i) q = std::fma(q, r, kExpPoly[i]);
  return (std::fma(q, r * r, r) + 1.0f) * std::ldexp(1.0f, static_cast<int>(n));
}

inline float tanh_of(float x) {
  const float e = exp_of(-2.0f * std::abs(x));
  return std::copysign((1.0f - e) / (1.0f + e), x);
}

// ln x for a normal x > 0, with the polynomial of Cephes' logf: x = 2^e·(1 + z),
// 1 + z within [sqrt(1/2), sqrt(2)).
inline constexpr int32_t kSqrtHalfBits = 0x3f3504f3;
inline constexpr float kLogPoly[9] = {7.0376836292e-2f,  -1.1514610310e-1f, 1.1676998740e-1f,
                                      -1.2420140846e-1f, 1.4249322787e-1f,  -1.6668057665e-1f,
                                      2.0000714765e-1f,  -2.4999993993e-1f, 3.3333331174e-1f};

inline float log_of(float x) {
  const int32_t power = (std::bit_cast<int32_t>(x) - kSqrtHalfBits) >> 23;
  const auto e = static_cast<float>(power);
  const float z = std::ldexp(x, -power) - 1.0f;
  float q = kLogPoly[0];
  for (int i = 1; i < 9; ++i) q = std::fma(q, z, kLogPoly[i]);
  const float square = z * z;
  float y = (q * z) * square;
  y = std::fma(e, kLn2Lo, y);
  y = std::fma(square, -0.5f, y);
  return std::fma(e, kLn2Hi, z + y);
}

inline constexpr float kLeastNormal = 0x1p-126f;

inline void log_all(float* x, size_t n) {
  for (size_t i = 0; i < n; ++i) x[i] = log_of(std::max(x[i], kLeastNormal));
}

inline void tanh_scores(const float* a, const float* const* rows, size_t n, size_t D, const float* v, float* out) {
  for (size_t i = 0; i < n; ++i) {
    float lane[kLanes16] = {};
    for (size_t d = 0; d < D; ++d) lane[d % kLanes16] = std::fma(v[d], tanh_of(a[d] + rows[i][d]), lane[d % kLanes16]);
    for (size_t half = kLanes16 / 2; half > 0; half /= 2) {
      for (size_t j = 0; j < half; ++j) lane[j] += lane[j + half];
    }
    out[i] = lane[0];
  }
}

inline void add_relu(const float* a, const float* x, size_t n, float* out) {
  for (size_t i = 0; i < n; ++i) out[i] = std::max(a[i] + x[i], 0.0f);
}

inline void log_mean_exp(const float* s, size_t K, size_t stride, size_t n, float* out) {
  const float share = 1.0f / static_cast<float>(K);
  for (size_t i = 0; i < n; ++i) {
    float most = s[i];
    for (size_t k = 1; k < K; ++k) most = std::max(most, s[k * stride + i]);
    float sum = 0.0f;
    for (size_t k = 0; k < K; ++k) sum += exp_of(s[k * stride + i] - most);
    out[i] = most + log_of(sum * share);
  }
}

}  // namespace rec::plain
