#include "models/sgd/item_features.h"

#include <algorithm>

#include "base/rng.h"
#include "linalg/dot.h"

namespace rec {

ItemFeatures::ItemFeatures(const SideFeatures& features, const std::vector<float>& counts, size_t dim,
                           const OptimizerOptions& optimizer, double deviation, uint64_t seed, uint64_t stream)
    : FeatureVectors(features, dim, optimizer, deviation, seed, stream),
      by_category_(transpose(features.rows, categories_)) {
  for (const float count : counts) state_.push_back(count > 0.0f ? State::kOwn : State::kWithoutRows);
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
  for (size_t item = first; item < first + count; ++item, to += dim_) {
    const bool its_own = state_[item] == State::kOwn || (!dropping && state_[item] == State::kDropped);
    std::copy_n(its_own ? ids + item * dim_ : folded + categories_ * dim_, dim_, to);
    add_sum(item, folded, to);
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
  std::fill_n(start_gradient(), dim_, 0.0f);
  for (const uint32_t item : dropped_) axpy(1.0f, d_items + item * dim_, dim_, start_gradient());
  FeatureVectors::back(thread_pool, [&](size_t c, float* to) {
    std::fill_n(to, dim_, 0.0f);
    for (uint64_t at = by_category_.begin[c]; at < by_category_.begin[c + 1]; ++at)
      axpy(weight_at(by_category_.weight, at), d_items + by_category_.index[at] * dim_, dim_, to);
  });
}

size_t ItemFeatures::memory(const SideFeatures& features, size_t items, size_t dim) {
  return 2 * items * dim + FeatureVectors::memory(features, dim) + 4 * features.rows.entries() + 4 * items;
}

}  // namespace rec
