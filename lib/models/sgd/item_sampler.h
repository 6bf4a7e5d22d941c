// Negatives of sequence models: items drawn at random. Symbols: I items, K draws.
// Immutable and thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "models/sgd/sequence_batches.h"

namespace rec {

// Draws items in proportion to count^exponent.
class ItemSampler {
 public:
  ItemSampler(const std::vector<float>& counts, double exponent);
  uint32_t draw(Rng& rng) const;
  double probability(uint32_t item) const;

 private:
  std::vector<double> cumulative_;
  bool uniform_;
};

// The columns of a sampled softmax (models/sgd/sequence_loss.h): the distinct items of K
// draws, ascending, and what their logits are lessened by.
void draw_columns(const ItemSampler& sampler, size_t K, Rng rng, std::vector<uint32_t>& items,
                  std::vector<float>& correction);

// K items of its own for each prediction of `work`, none of its sequence's items if
// that can be helped.
void draw_negatives(const ItemSampler& sampler, const SequenceWork& work, size_t K, Rng rng, uint32_t* negatives);

}  // namespace rec
