#include "models/attention_pool/pool_pairs.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/id_table.h"
#include "models/sgd/network_layers.h"

namespace rec {
namespace {

double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

}  // namespace

template <class T>
void PoolColumns<T>::set(const PoolWeights<T>& weights, size_t count, const T* x) {
  const auto F = static_cast<size_t>(weights.shape().dim);
  const auto A = static_cast<size_t>(weights.shape().units);
  size_ = count;
  x_ = x;
  query_.resize(count * A);
  x_transposed_.resize(count * F);
  query_transposed_.resize(count * A);
  affine<T>(count, F, A, x, weights.at(weights.parameters().query), nullptr, query_.data());
  transpose<T>(count, F, {x, F}, {x_transposed_.data(), count});
  transpose<T>(count, A, {query_.data(), A}, {query_transposed_.data(), count});
}

template <class T>
T PoolPairs<T>::factor(size_t t, size_t j) const {
  if (sight_ == PoolSight::kOthers) return item_[j] != item_[t] ? T(1) : T(0);
  return j <= t ? std::exp(-weights_.decay() * weights_.log_age(t - j)) : T(0);
}

template <class T>
void PoolPairs<T>::set(PoolSight sight, size_t n, const uint32_t* item, const T* y, const T* key,
                       const PoolColumns<T>& columns) {
  const auto F = static_cast<size_t>(weights_.shape().dim);
  const auto A = static_cast<size_t>(weights_.shape().units);
  const size_t C = columns.size();
  columns_ = &columns;
  sight_ = sight;
  n_ = n;
  item_ = item;
  y_ = y;
  key_ = key;
  product_.resize(n * C);
  logit_.resize(n * C);
  power_.resize(n * C);
  sum_.resize(n * C);
  weighed_.resize(n * C);
  smoothed_.resize(n * C);
  row_.resize(C);
  d_product_.assign(n * C, T(0));
  d_logit_.assign(n * C, T(0));
  d_decay_ = T(0);
  gemm_nn(n, C, F, {y, F}, {columns.x_transposed(), C}, {product_.data(), C}, false);
  gemm_nn(n, C, A, {key, A}, {columns.query_transposed(), C}, {logit_.data(), C}, false);
  constexpr T kMost = T(kMostPoolLogit);
  for (size_t i = 0; i < n * C; ++i) power_[i] = std::min(kMost, std::max(-kMost, logit_[i]));
  exp_all(power_.data(), n * C);
}

template <class T>
void PoolPairs<T>::values(size_t t, size_t first, size_t count, T* out) {
  const size_t C = columns_->size();
  T* sum = sum_.data() + t * C + first;
  T* weighed = weighed_.data() + t * C + first;
  T* smoothed = smoothed_.data() + t * C + first;
  std::fill_n(sum, count, T(0));
  std::fill_n(weighed, count, T(0));
  for (size_t j = 0; j < n_; ++j) {
    const T m = factor(t, j);
    if (m == T(0)) continue;
    const T* power = power_.data() + j * C + first;
    const T* product = product_.data() + j * C + first;
    for (size_t c = 0; c < count; ++c) {
      const T p = m * power[c];
      sum[c] += p;
      weighed[c] += p * product[c];
    }
  }
  const auto minus_beta = static_cast<T>(-weights_.shape().smoothing);
  for (size_t c = 0; c < count; ++c) smoothed[c] = sum[c] > T(0) ? minus_beta * std::log(sum[c]) : T(0);
  exp_all(smoothed, count);
  for (size_t c = 0; c < count; ++c) out[c] = weighed[c] * smoothed[c];
}

template <class T>
void PoolPairs<T>::add(size_t t, size_t first, size_t count, const T* d_out) {
  const size_t C = columns_->size();
  const T* sum = sum_.data() + t * C + first;
  const T* weighed = weighed_.data() + t * C + first;
  const T* smoothed = smoothed_.data() + t * C + first;
  const auto beta = static_cast<T>(weights_.shape().smoothing);
  for (size_t j = 0; j < n_; ++j) {
    const T m = factor(t, j);
    if (m == T(0)) continue;
    const T* power = power_.data() + j * C + first;
    const T* product = product_.data() + j * C + first;
    T* d_product = d_product_.data() + j * C + first;
    T* d_logit = d_logit_.data() + j * C + first;
    for (size_t c = 0; c < count; ++c) {
      const T p = m * power[c];
      const T d_weighed = d_out[c] * smoothed[c];
      const T d_e = p * d_weighed * (product[c] - beta * weighed[c] / sum[c]);
      d_product[c] += p * d_weighed;
      d_logit[c] += d_e;
      row_[c] = d_e;
    }
    if (sight_ == PoolSight::kBefore) d_decay_ -= weights_.log_age(t - j) * lane_sum(row_.data(), count);
  }
}

template <class T>
T PoolPairs<T>::finish(T* d_y, T* d_key, T* d_x, T* d_query) {
  const auto F = static_cast<size_t>(weights_.shape().dim);
  const auto A = static_cast<size_t>(weights_.shape().units);
  const size_t C = columns_->size();
  constexpr T kMost = T(kMostPoolLogit);
  for (size_t i = 0; i < n_ * C; ++i) {
    if (std::abs(logit_[i]) > kMost) d_logit_[i] = T(0);  // it was held
  }
  gemm_nn(n_, F, C, {d_product_.data(), C}, {columns_->x(), F}, {d_y, F}, true);
  gemm_nn(n_, A, C, {d_logit_.data(), C}, {columns_->query(), A}, {d_key, A}, true);
  gemm_tn(C, F, n_, {d_product_.data(), C}, {y_, F}, {d_x, F}, true);
  gemm_tn(C, A, n_, {d_logit_.data(), C}, {key_, A}, {d_query, A}, true);
  return d_decay_;
}

// The loss of position t, prediction `number` of the micro-batch, whose derivatives are added to those so far.
template <class T>
double PoolPairsNet<T>::predict(size_t t, size_t n, size_t number, const PoolTargets<T>& targets) {
  T own;
  own_.values(t, t, 1, &own);
  const T weight = targets.weight == nullptr ? T(1) : targets.weight[number];
  const LossForm& form = targets.form;
  if (targets.columns == nullptr) {
    const size_t first = n + t * targets.K;
    values_.resize(targets.K);
    own_.values(t, first, targets.K, values_.data());
    const auto x = static_cast<double>(own);
    const double l = softplus(-x);
    if (targets.losses != nullptr) targets.losses[number] = static_cast<float>(l);
    const LossForm::PairTerm term = form.pair_term(x, l, sigmoid(-x));
    const T positive = targets.positive * weight;
    double loss = static_cast<double>(positive) * term.loss;
    const T d_target = -targets.w * positive * static_cast<T>(term.slope);
    for (T& value : values_) {
      const auto other = static_cast<double>(value);
      const LossForm::PairTerm its = form.pair_term(-other, softplus(other), sigmoid(other));
      loss += its.loss;
      value = targets.w * static_cast<T>(its.slope);
    }
    own_.add(t, t, 1, &d_target);
    own_.add(t, first, targets.K, values_.data());
    return loss;
  }
  const size_t C = targets.shared->size();
  values_.resize(C);
  shared_.values(t, 0, C, values_.data());
  const T mean = form.smoothing > 0.0 ? lane_sum(values_.data(), C) / static_cast<T>(C) : T(0);
  const T* correction = targets.columns->correction();
  for (size_t c = 0; c < C; ++c) values_[c] -= correction[c];
  const uint32_t column = targets.columns->column_of(targets.target[number]);
  if (column != kNoId) values_[column] = -std::numeric_limits<T>::infinity();
  const T greatest = lane_max(values_.data(), C, own);
  for (T& value : values_) value -= greatest;
  exp_all(values_.data(), C);
  const T target_power = std::exp(own - greatest);
  const T sum = target_power + lane_sum(values_.data(), C);
  const auto l = static_cast<double>(greatest + std::log(sum) - own);
  if (targets.losses != nullptr) targets.losses[number] = static_cast<float>(l);
  const LossForm::Term term = form.term(l);
  const T w = targets.w * weight * static_cast<T>(term.factor);
  const T scale = w / sum;
  for (T& value : values_) value *= scale;
  T d_target = scale * target_power - w;
  double loss = static_cast<double>(weight) * term.loss;
  if (form.smoothing > 0.0) {
    const T smoothing = w * static_cast<T>(form.smoothing);
    d_target += smoothing;
    for (T& value : values_) value -= smoothing / static_cast<T>(C);
    loss += static_cast<double>(weight) * form.smoothing * static_cast<double>(own - mean);
  }
  own_.add(t, t, 1, &d_target);
  shared_.add(t, 0, C, values_.data());
  return loss;
}

template <class T>
double PoolPairsNet<T>::run(const PackedSequences& packed, PoolSight sight, const uint32_t* item, const T* y,
                            const PoolTargets<T>& targets, T* d_y, T* d_own, T* d_x, T* d_query, T* gradient) {
  const PoolParameters& p = weights_.parameters();
  const auto F = static_cast<size_t>(weights_.shape().dim);
  const auto A = static_cast<size_t>(weights_.shape().units);
  const size_t N = packed.tokens();
  const T scale = T(1) / std::sqrt(static_cast<T>(A));
  key_.resize(N * A);
  affine<T>(N, F, A, y, weights_.at(p.key), nullptr, key_.data());
  for (T& value : key_) value *= scale;
  d_key_.assign(N * A, T(0));
  std::fill_n(d_y, N * F, T(0));
  std::fill_n(d_own, N * targets.own() * F, T(0));
  double loss = 0.0;
  T d_decay = T(0);
  for (size_t s = 0; s < packed.sequences(); ++s) {
    const size_t first = packed.begin[s];
    const size_t n = packed.begin[s + 1] - first;
    const size_t own = n * targets.own();
    const auto row_of = [&](size_t at) {
      return targets.table + (at < n ? targets.target[first + at] : targets.negative[first * targets.K + at - n]) * F;
    };
    x_.resize(own * F);
    for (size_t at = 0; at < own; ++at) std::copy_n(row_of(at), F, x_.data() + at * F);
    own_columns_.set(weights_, own, x_.data());
    own_.set(sight, n, item + first, y + first * F, key_.data() + first * A, own_columns_);
    if (targets.columns != nullptr)
      shared_.set(sight, n, item + first, y + first * F, key_.data() + first * A, *targets.shared);
    for (size_t t = 0; t < n; ++t) loss += predict(t, n, first + t, targets);

    T* d_rows = d_own + first * targets.own() * F;
    d_query_own_.assign(own * A, T(0));
    d_decay += own_.finish(d_y + first * F, d_key_.data() + first * A, d_rows, d_query_own_.data());
    gemm_nn(own, F, A, {d_query_own_.data(), A}, {weights_.transposed(p.query), F}, {d_rows, F}, true);
    gemm_tn(F, A, own, {x_.data(), F}, {d_query_own_.data(), A}, {gradient + p.query.offset, A}, true);
    if (targets.columns != nullptr) d_decay += shared_.finish(d_y + first * F, d_key_.data() + first * A, d_x, d_query);
  }
  for (T& value : d_key_) value *= scale;
  gemm_nn(N, F, A, {d_key_.data(), A}, {weights_.transposed(p.key), F}, {d_y, F}, true);
  gemm_tn(F, A, N, {y, F}, {d_key_.data(), A}, {gradient + p.key.offset, A}, true);
  if (weights_.shape().decay) gradient[p.decay.offset] += d_decay;
  return loss;
}

template class PoolColumns<float>;
template class PoolColumns<double>;
template class PoolPairs<float>;
template class PoolPairs<double>;
template class PoolPairsNet<float>;
template class PoolPairsNet<double>;

}  // namespace rec
