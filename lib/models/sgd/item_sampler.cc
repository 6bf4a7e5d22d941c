#include "models/sgd/item_sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace rec {

ItemSampler::ItemSampler(const std::vector<float>& counts, double exponent) {
  double sum = 0.0;
  for (size_t item = 0; item < counts.size(); ++item) {
    const bool drawn = counts[item] > 0.0f;
    cumulative_.push_back(sum += drawn ? std::pow(static_cast<double>(counts[item]), exponent) : 0.0);
    if (drawn && exponent == 0.0) alike_.push_back(static_cast<uint32_t>(item));
  }
  if (exponent == 0.0) return;
  const size_t B = std::bit_ceil(cumulative_.size());
  guide_.reserve(B + 1);
  size_t item = 0;
  for (size_t b = 0; b <= B; ++b) {
    const double least = static_cast<double>(b) / static_cast<double>(B) * sum;
    while (item + 1 < cumulative_.size() && cumulative_[item] <= least) ++item;
    guide_.push_back(static_cast<uint32_t>(item));
  }
}

uint32_t ItemSampler::draw(Rng& rng) const {
  if (!alike_.empty()) return alike_[rng.below(alike_.size())];
  const double u = rng.uniform();
  const double at = u * cumulative_.back();
  // Products by a power of two are exact, and rounding keeps the order: what lies before the guide is at most `at`.
  const auto bucket = static_cast<size_t>(u * static_cast<double>(guide_.size() - 1));
  const double* first = cumulative_.data() + guide_[bucket];
  return static_cast<uint32_t>(std::upper_bound(first, cumulative_.data() + guide_[bucket + 1], at) -
                               cumulative_.data());
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
