// The layers of a network over n rows (tokens), forward and backward, written once
// for float32 (training, inference) and float64 (gradient tests). Rows lie tight,
// row after row. Derivatives are written out by hand; a parameter's is added to
// what its memory holds. By one thread; results depend on the arguments alone.
// The float32 overloads at the end are the same layers in vector instructions: they have
// the same bits as the templates, but for exponentials.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/rng.h"
#include "linalg/lanes.h"
#include "linalg/small_gemm.h"
#include "linalg/vector_exp.h"

namespace rec {

// out = in·W + bias; W: rows × cols; bias may be nullptr.
template <class T>
void affine(size_t n, size_t rows, size_t cols, const T* in, const T* W, const T* bias, T* out) {
  if (bias != nullptr)
    gemm_nn_from(n, cols, rows, bias, {in, rows}, {W, cols}, {out, cols});
  else
    gemm_nn(n, cols, rows, {in, rows}, {W, cols}, {out, cols}, false);
}

// Of out = in·W + bias: d_in (+)= d_out·Wᵀ, d_W += inᵀ·d_out, d_bias += Σ d_out.
template <class T>
void affine_back(size_t n, size_t rows, size_t cols, const T* in, const T* W_transposed, const T* d_out, T* d_in,
                 bool add, T* d_W, T* d_bias) {
  gemm_nn(n, rows, cols, {d_out, cols}, {W_transposed, rows}, {d_in, rows}, add);
  gemm_tn(rows, cols, n, {in, rows}, {d_out, cols}, {d_W, cols}, true);
  for (size_t t = 0; t < n; ++t) {
    for (size_t c = 0; c < cols; ++c) d_bias[c] += d_out[t * cols + c];
  }
}

template <class T>
inline constexpr T kNormEpsilon = T(1e-6);

// unit = (x - mean)/sqrt(variance + epsilon) row by row, inverse: the factor of each
// row; out = gain ⊙ unit + bias.
template <class T>
void norm(size_t n, size_t d, const T* x, const T* gain, const T* bias, T* unit, T* inverse, T* out) {
  const T scale = T(1) / static_cast<T>(d);
  for (size_t t = 0; t < n; ++t, x += d, unit += d, out += d) {
    const T mean = lane_sum(x, d) * scale;
    for (size_t c = 0; c < d; ++c) unit[c] = x[c] - mean;
    inverse[t] = T(1) / std::sqrt(lane_dot(unit, unit, d) * scale + kNormEpsilon<T>);
    for (size_t c = 0; c < d; ++c) {
      unit[c] *= inverse[t];
      out[c] = gain[c] * unit[c] + bias[c];
    }
  }
}

// d_x += the derivative through the norm; work: d values.
template <class T>
void norm_back(size_t n, size_t d, const T* unit, const T* inverse, const T* gain, const T* d_out, T* d_x, T* d_gain,
               T* d_bias, T* work) {
  const T scale = T(1) / static_cast<T>(d);
  for (size_t t = 0; t < n; ++t, unit += d, d_out += d, d_x += d) {
    for (size_t c = 0; c < d; ++c) {
      d_gain[c] += d_out[c] * unit[c];
      d_bias[c] += d_out[c];
      work[c] = d_out[c] * gain[c];
    }
    const T mean = lane_sum(work, d) * scale;
    const T along = lane_dot(work, unit, d) * scale;
    for (size_t c = 0; c < d; ++c) d_x[c] += inverse[t] * (work[c] - mean - unit[c] * along);
  }
}

// What a dropout leaves of each of n values: 0 with probability rate (to 2^-16), else
// 1/(1 - rate); of the key alone.
template <class T>
void dropout_mask(T* mask, size_t n, double rate, uint64_t key) {
  const auto out = static_cast<uint32_t>(std::lround(rate * 65536.0));
  const T kept = static_cast<T>(65536.0 / (65536.0 - static_cast<double>(out)));
  constexpr size_t kBlock = 64;  // words at a time, so that both loops are vectors
  uint64_t word[kBlock];
  for (size_t first = 0; first < n; first += 4 * kBlock) {
    for (size_t w = 0; w < kBlock; ++w) word[w] = mix64(key + (first / 4 + w + 1) * 0x9e3779b97f4a7c15);
    for (size_t part = 0; part < 4 && first + part * kBlock < n; ++part) {
      T* to = mask + first + part * kBlock;
      const size_t count = n - (first + part * kBlock) < kBlock ? n - (first + part * kBlock) : kBlock;
      for (size_t w = 0; w < count; ++w)
        to[w] = (static_cast<uint32_t>(word[w] >> (16 * part)) & 0xffffu) < out ? T(0) : kept;
    }
  }
}

template <class T>
void multiply(size_t n, const T* a, const T* b, T* out) {
  for (size_t i = 0; i < n; ++i) out[i] = a[i] * b[i];
}

template <class T>
void multiply_by(size_t n, const T* factor, T* x) {
  for (size_t i = 0; i < n; ++i) x[i] *= factor[i];
}

// Rows of attention scores: `count` of them, `stride` apart, `cols` values each. The first
// row reads the `first` values in front, the next first + step, and so on.
// REQUIRES: cols % 16 == 0; 0 < first; first + (count - 1)·step <= cols.
struct AttentionRows {
  size_t count;
  size_t cols;
  size_t stride;
  size_t first;
  size_t step;
};

// Each row becomes the softmax of scale·S over what it reads; its other values become 0.
template <class T>
void attention_weights(const AttentionRows& rows, T scale, T* S) {
  constexpr T kNever = -std::numeric_limits<T>::infinity();
  size_t count = rows.first;
  for (size_t r = 0; r < rows.count; ++r, S += rows.stride, count += rows.step) {
    for (size_t j = 0; j < count; ++j) S[j] *= scale;
    for (size_t j = count; j < rows.cols; ++j) S[j] = kNever;
    const T inverse = T(1) / exp_shifted(S, rows.cols, lane_max(S, count, kNever));
    for (size_t j = 0; j < rows.cols; ++j) S[j] *= inverse;
  }
}

// S holds the derivatives of attention ⊙ mask, attention what attention_weights returned.
// It becomes the derivatives of what attention_weights was given. mask may be nullptr, and
// lies as the rows do.
template <class T>
void attention_weights_back(const AttentionRows& rows, const T* attention, const T* mask, T scale, T* S) {
  for (size_t r = 0; r < rows.count; ++r, S += rows.stride, attention += rows.stride) {
    if (mask != nullptr) {
      for (size_t j = 0; j < rows.cols; ++j) S[j] *= mask[j];
      mask += rows.stride;
    }
    const T mean = lane_dot(attention, S, rows.cols);
    for (size_t j = 0; j < rows.cols; ++j) S[j] = attention[j] * (S[j] - mean) * scale;
  }
}

template <class T>
inline constexpr T kGeluTwoZ = T(2 * 0.7978845608028654);
template <class T>
inline constexpr T kGeluCube = T(0.044715);

// GELU, tanh form: u·σ(2z), z = sqrt(2/π)(u + 0.044715 u³), times the mask, which may be
// nullptr. sigma receives σ(2z).
template <class T>
void gelu(size_t n, const T* u, const T* mask, T* sigma, T* out) {
  for (size_t i = 0; i < n; ++i) sigma[i] = kGeluTwoZ<T> * (u[i] + kGeluCube<T> * u[i] * u[i] * u[i]);
  sigmoid_all(sigma, n);
  for (size_t i = 0; i < n; ++i) out[i] = u[i] * sigma[i] * (mask != nullptr ? mask[i] : T(1));
}

// d becomes d·mask·gelu'(u).
template <class T>
void gelu_back(size_t n, const T* u, const T* sigma, const T* mask, T* d) {
  for (size_t i = 0; i < n; ++i) {
    const T slope = kGeluTwoZ<T> * (T(1) + T(3) * kGeluCube<T> * u[i] * u[i]);
    d[i] = d[i] * (mask != nullptr ? mask[i] : T(1)) * (sigma[i] + u[i] * sigma[i] * (T(1) - sigma[i]) * slope);
  }
}

void norm(size_t n, size_t d, const float* x, const float* gain, const float* bias, float* unit, float* inverse,
          float* out);
void norm_back(size_t n, size_t d, const float* unit, const float* inverse, const float* gain, const float* d_out,
               float* d_x, float* d_gain, float* d_bias, float* work);
void attention_weights(const AttentionRows& rows, float scale, float* S);
void attention_weights_back(const AttentionRows& rows, const float* attention, const float* mask, float scale,
                            float* S);
void gelu(size_t n, const float* u, const float* mask, float* sigma, float* out);
void gelu_back(size_t n, const float* u, const float* sigma, const float* mask, float* d);

}  // namespace rec
