#include "models/sgd/item_features.h"

#include <algorithm>

#include "base/rng.h"
#include "linalg/dot.h"
#include "models/sgd/network_layers.h"
#include "models/sgd/parameter.h"

namespace rec {
namespace {

constexpr size_t kCategoriesPerTask = 16;
constexpr size_t kParametersPerTask = 4096;

}  // namespace

ItemFeatures::ItemFeatures(const SideFeatures& features, const std::vector<float>& counts, size_t dim,
                           const OptimizerOptions& optimizer, double deviation, uint64_t seed, uint64_t stream)
    : features_(features),
      dim_(dim),
      categories_(features.map.size()),
      by_category_(transpose(features.rows, categories_)),
      kind_(kinds_of(features.map.names)),
      values_((categories_ + 1) * dim + kind_count(kind_)),
      gradient_(values_.size()),
      folded_((categories_ + 1) * dim),
      optimizer_(optimizer, values_.size()) {
  for (const float count : counts) state_.push_back(count > 0.0f ? State::kOwn : State::kWithoutRows);
  fill_normal(e(), categories_ * dim, deviation, seed, stream);
}

void ItemFeatures::drop(double rate, uint64_t key) {
  for (const uint32_t item : dropped_) state_[item] = State::kOwn;
  dropped_.clear();
  if (rate <= 0.0) return;
  for (uint32_t item = 0; item < state_.size(); ++item) {
    if (state_[item] != State::kOwn || Rng(key, 0, item).uniform() >= rate) continue;
    state_[item] = State::kDropped;
    dropped_.push_back(item);
  }
}

void ItemFeatures::compose(const float* ids, const float* folded, size_t first, size_t count, bool dropping,
                           float* to) const {
  const SparseView rows = features_.rows.view();
  for (size_t item = first; item < first + count; ++item, to += dim_) {
    const bool its_own = state_[item] == State::kOwn || (!dropping && state_[item] == State::kDropped);
    std::copy_n(its_own ? ids + item * dim_ : folded + categories_ * dim_, dim_, to);
    for (uint64_t at = rows.begin[item]; at < rows.begin[item + 1]; ++at)
      axpy(weight_at(rows.weight, at), folded + rows.index[at] * dim_, dim_, to);
  }
}

void ItemFeatures::own_part(const float* d_items, size_t first, size_t count, float* to) const {
  for (size_t item = first; item < first + count; ++item, to += dim_) {
    if (own(item))
      std::copy_n(d_items + item * dim_, dim_, to);
    else
      std::fill_n(to, dim_, 0.0f);
  }
}

void ItemFeatures::back(const float* d_items, ThreadPool& thread_pool) {
  const size_t tasks = (categories_ + kCategoriesPerTask - 1) / kCategoriesPerTask;
  float* d_e = gradient_.data();
  float* d_u = d_e + categories_ * dim_;
  float* d_s = d_u + dim_;
  thread_pool.run(tasks + 1, [&](size_t task, int) {
    if (task == 0) {
      std::fill_n(d_u, dim_, 0.0f);
      for (const uint32_t item : dropped_) axpy(1.0f, d_items + item * dim_, dim_, d_u);
      return;
    }
    const size_t end = std::min(categories_, task * kCategoriesPerTask);
    for (size_t c = (task - 1) * kCategoriesPerTask; c < end; ++c) {
      float* sum = d_e + c * dim_;  // the gradient of s_k e_c
      std::fill_n(sum, dim_, 0.0f);
      for (uint64_t at = by_category_.begin[c]; at < by_category_.begin[c + 1]; ++at)
        axpy(weight_at(by_category_.weight, at), d_items + by_category_.index[at] * dim_, dim_, sum);
    }
  });
  std::fill(d_s, gradient_.data() + gradient_.size(), 0.0f);
  for (size_t c = 0; c < categories_; ++c) {
    float* sum = d_e + c * dim_;
    d_s[kind_[c]] += lane_dot(sum, e() + c * dim_, dim_);
    for (size_t f = 0; f < dim_; ++f) sum[f] *= s()[kind_[c]];
  }
}

ParameterBlock ItemFeatures::block() {
  return {.optimizer = &optimizer_,
          .values = values_.data(),
          .size = values_.size(),
          .per_task = kParametersPerTask,
          .gradient = [this](size_t first, size_t count, float* to, int) {
            std::copy_n(gradient_.data() + first, count, to);
          }};
}

void ItemFeatures::fold() {
  for (size_t c = 0; c < categories_; ++c) {
    for (size_t f = 0; f < dim_; ++f) folded_.data()[c * dim_ + f] = s()[kind_[c]] * e()[c * dim_ + f];
  }
  std::copy_n(u(), dim_, folded_.data() + categories_ * dim_);
}

void ItemFeatures::add_state(const std::string& name, Artefact& state) const {
  state.add(name, ConstMatrixView{values_.data(), 1, values_.size(), values_.size()});
  add_moments(name, optimizer_, values_.size(), state);
}

void ItemFeatures::restore(const std::string& name, uint64_t step, const Artefact& state) {
  copy_tensor(state, name, values_.size(), values_.data());
  restore_moments(name, step, state, optimizer_);
  fold();
}

size_t ItemFeatures::memory(const SideFeatures& features, size_t items, size_t dim) {
  // Values, two moments, the gradient twice with a clip, what is folded, twice with an average.
  return 2 * items * dim + 7 * (features.map.size() + 1) * dim + 4 * features.rows.entries() + 4 * items;
}

}  // namespace rec
