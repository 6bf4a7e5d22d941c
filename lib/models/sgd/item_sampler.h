// Negatives: items drawn at random. Symbols: I items, K draws. Immutable and thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "models/sgd/sequence_batches.h"

namespace rec {

// Draws items in proportion to count^exponent; never one of count 0.
class ItemSampler {
 public:
  // counts: I values, one above 0 at least.
  ItemSampler(const std::vector<float>& counts, double exponent);
  uint32_t draw(Rng& rng) const;
  double probability(uint32_t item) const;

 private:
  std::vector<double> cumulative_;
  std::vector<uint32_t> alike_;  // the items to draw from, where all are alike
  // B + 1 where they are not, B a power of two: the items that u in [b / B, (b + 1) / B) can draw begin at guide_[b]
  // and end with guide_[b + 1] (Chen and Asau 1974).
  std::vector<uint32_t> guide_;
};

// The columns of a sampled softmax (models/sgd/sequence_loss.h): the distinct items of K
// draws, ascending, and for each what is subtracted from its logits: ln(K q / n) for an
// item of probability q that was drawn n times.
void draw_columns(const ItemSampler& sampler, size_t K, Rng rng, std::vector<uint32_t>& items,
                  std::vector<float>& correction);

// K items of its own for each of the M predictions, into negatives (M × K). An item of the
// prediction's own sequence is drawn again, 16 times at most.
void draw_negatives(const ItemSampler& sampler, const MicroBatch& micro_batch, size_t K, Rng rng, uint32_t* negatives);

}  // namespace rec
