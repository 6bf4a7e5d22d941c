#include "models/sgd/item_sampler.h"

#include <algorithm>
#include <cmath>

namespace rec {

ItemSampler::ItemSampler(const std::vector<float>& counts, double exponent) : uniform_(exponent == 0.0) {
  double sum = 0.0;
  for (const float count : counts) {
    uniform_ = uniform_ && count > 0.0f;
    cumulative_.push_back(sum += count > 0.0f ? std::pow(static_cast<double>(count), exponent) : 0.0);
  }
}

uint32_t ItemSampler::draw(Rng& rng) const {
  if (uniform_) return static_cast<uint32_t>(rng.below(cumulative_.size()));
  const double at = rng.uniform() * cumulative_.back();
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), at);
  return static_cast<uint32_t>(
      std::min<size_t>(static_cast<size_t>(found - cumulative_.begin()), cumulative_.size() - 1));
}

double ItemSampler::probability(uint32_t item) const {
  return (cumulative_[item] - (item > 0 ? cumulative_[item - 1] : 0.0)) / cumulative_.back();
}

void draw_columns(const ItemSampler& sampler, size_t K, Rng rng, std::vector<uint32_t>& items,
                  std::vector<float>& correction) {
  std::vector<uint32_t> drawn(K);
  for (uint32_t& item : drawn) item = sampler.draw(rng);
  std::sort(drawn.begin(), drawn.end());
  items.clear();
  correction.clear();
  for (size_t at = 0; at < K;) {
    size_t end = at;
    while (end < K && drawn[end] == drawn[at]) ++end;
    items.push_back(drawn[at]);
    correction.push_back(static_cast<float>(
        std::log(sampler.probability(drawn[at]) * static_cast<double>(K) / static_cast<double>(end - at))));
    at = end;
  }
}

void draw_negatives(const ItemSampler& sampler, const MicroBatch& micro_batch, size_t K, Rng rng, uint32_t* negatives) {
  constexpr int kTries = 16;
  std::vector<uint32_t> its;
  size_t at = 0;
  for (size_t s = 0; s < micro_batch.packed.sequences(); ++s) {
    size_t end = at;
    while (end < micro_batch.position.size() && micro_batch.position[end] < micro_batch.packed.begin[s + 1]) ++end;
    its.assign(micro_batch.item.begin() + micro_batch.packed.begin[s],
               micro_batch.item.begin() + micro_batch.packed.begin[s + 1]);
    its.insert(its.end(), micro_batch.target.begin() + static_cast<std::ptrdiff_t>(at),
               micro_batch.target.begin() + static_cast<std::ptrdiff_t>(end));
    std::sort(its.begin(), its.end());
    uint32_t* to = negatives + at * K;
    for (size_t draws = (end - at) * K; draws > 0; --draws, ++to) {
      for (int tries = 0; tries < kTries; ++tries) {
        *to = sampler.draw(rng);
        if (!std::binary_search(its.begin(), its.end(), *to)) break;
      }
    }
    at = end;
  }
}

}  // namespace rec
