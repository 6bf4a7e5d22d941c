#include "models/attention_pool/pool_net.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/sgd/network_layers.h"

namespace rec {

template <class T>
PoolWeights<T>::PoolWeights(const PoolShape& shape, const T* values)
    : shape_(shape), parameters_(shape), values_(values) {
  for (size_t k = 0; k < static_cast<size_t>(shape.window); ++k)
    log_age_.push_back(static_cast<T>(std::log1p(static_cast<double>(k))));
  refresh();
}

template <class T>
void PoolWeights<T>::refresh() {
  transposed_.resize(parameters_.size);
  for (const Parameter* p : {&parameters_.weight, &parameters_.key, &parameters_.query}) {
    if (p->size() > 0) transpose<T>(p->rows, p->cols, {at(*p), p->cols}, {transposed_.data() + p->offset, p->rows});
  }
}

template <class T>
const T* PoolNet<T>::forward(const PackedSequences& packed, PoolSight sight, const uint32_t* item, const T* y) {
  const PoolParameters& p = weights_.parameters();
  const auto F = static_cast<size_t>(weights_.shape().dim);
  const auto A = static_cast<size_t>(weights_.shape().units);
  const size_t N = packed.tokens();
  const T decay = weights_.decay();
  u_.resize(N * A);
  logit_.resize(N);
  h_.resize(N * F);
  affine(N, F, A, y, weights_.at(p.weight), weights_.at(p.bias), u_.data());
  tanh_all(u_.data(), N * A);
  for (size_t t = 0; t < N; ++t) logit_[t] = lane_dot(u_.data() + t * A, weights_.at(p.vector), A);

  attention_begin_.assign(1, 0);
  for (size_t s = 0; s < packed.sequences(); ++s) {
    const size_t n = packed.begin[s + 1] - packed.begin[s];
    attention_begin_.push_back(attention_begin_.back() + n * n);
  }
  attention_.resize(attention_begin_.back());
  constexpr T kUnseen = -std::numeric_limits<T>::infinity();
  for (size_t s = 0; s < packed.sequences(); ++s) {
    const size_t first = packed.begin[s];
    const size_t n = packed.begin[s + 1] - first;
    T* attention = attention_.data() + attention_begin_[s];
    const T* e = logit_.data() + first;
    for (size_t t = 0; t < n; ++t) {
      T* row = attention + t * n;
      for (size_t j = 0; j < n; ++j) {
        if (sight == PoolSight::kBefore)
          row[j] = j <= t ? e[j] - decay * weights_.log_age(t - j) : kUnseen;
        else
          row[j] = item[first + j] != item[first + t] ? e[j] : kUnseen;
      }
      const T greatest = lane_max(row, n, kUnseen);
      if (greatest == kUnseen) {
        std::fill_n(row, n, T(0));
        continue;
      }
      for (size_t j = 0; j < n; ++j) row[j] -= greatest;
      exp_all(row, n);
      const T scale = T(1) / lane_sum(row, n);
      for (size_t j = 0; j < n; ++j) row[j] *= scale;
    }
    gemm_nn(n, F, n, {attention, n}, {y + first * F, F}, {h_.data() + first * F, F}, false);
  }
  return h_.data();
}

template <class T>
void PoolNet<T>::backward(const PackedSequences& packed, PoolSight sight, const T* y, const T* d_h, T* d_y,
                          T* gradient) {
  const PoolParameters& p = weights_.parameters();
  const auto F = static_cast<size_t>(weights_.shape().dim);
  const auto A = static_cast<size_t>(weights_.shape().units);
  const size_t N = packed.tokens();
  d_logit_.assign(N, T(0));
  T d_decay = T(0);
  for (size_t s = 0; s < packed.sequences(); ++s) {
    const size_t first = packed.begin[s];
    const size_t n = packed.begin[s + 1] - first;
    const T* attention = attention_.data() + attention_begin_[s];
    y_transposed_.resize(n * F);
    d_attention_.resize(n * n);
    transpose<T>(n, F, {y + first * F, F}, {y_transposed_.data(), n});
    gemm_nn(n, n, F, {d_h + first * F, F}, {y_transposed_.data(), n}, {d_attention_.data(), n}, false);
    gemm_tn(n, F, n, {attention, n}, {d_h + first * F, F}, {d_y + first * F, F}, false);
    for (size_t t = 0; t < n; ++t) {
      const T* a = attention + t * n;
      const T* d_a = d_attention_.data() + t * n;
      const T mean = lane_dot(a, d_a, n);
      for (size_t j = 0; j < n; ++j) {
        const T d_e = a[j] * (d_a[j] - mean);
        d_logit_[first + j] += d_e;
        if (sight == PoolSight::kBefore && j <= t) d_decay -= d_e * weights_.log_age(t - j);
      }
    }
  }
  if (weights_.shape().decay) gradient[p.decay.offset] += d_decay;
  const T* v = weights_.at(p.vector);
  T* d_v = gradient + p.vector.offset;
  d_u_.resize(N * A);
  for (size_t t = 0; t < N; ++t) {
    const T* u = u_.data() + t * A;
    T* d_u = d_u_.data() + t * A;
    for (size_t c = 0; c < A; ++c) {
      d_v[c] += d_logit_[t] * u[c];
      d_u[c] = d_logit_[t] * v[c] * (T(1) - u[c] * u[c]);
    }
  }
  affine_back(N, F, A, y, weights_.transposed(p.weight), d_u_.data(), d_y, true, gradient + p.weight.offset,
              gradient + p.bias.offset);
}

template <class T>
std::span<const T> PoolNet<T>::last_attention(const PackedSequences& packed, size_t sequence) const {
  const size_t n = packed.begin[sequence + 1] - packed.begin[sequence];
  return {attention_.data() + attention_begin_[sequence] + (n - 1) * n, n};
}

template class PoolWeights<float>;
template class PoolWeights<double>;
template class PoolNet<float>;
template class PoolNet<double>;

}  // namespace rec
