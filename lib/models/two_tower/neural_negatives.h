// The candidates of a micro-batch: all items, or negatives that are drawn or are the items
// of the micro-batch itself. Symbols: I items, E examples, N draws. Immutable and thread-safe.
#pragma once

#include "base/rng.h"
#include "data/interactions.h"
#include "models/sgd/item_sampler.h"
#include "models/two_tower/neural_micro_batch.h"
#include "models/two_tower/neural_options.h"

namespace rec {

class NeuralNegatives {
 public:
  // by_user: held by the caller.
  NeuralNegatives(const Csr& by_user, size_t items, const NeuralOptions& options);

  // Sets all of `examples` but user and value, for examples with these users and items.
  // With negatives, N = options.negatives items are drawn with the probabilities
  // q_i = n_i^E / Σ_j n_j^E, n_i the users of item i, E the negative exponent; or, in-batch,
  // the E items of the micro-batch stand for draws with the exponent 1. A full softmax has
  // all items for candidates.
  template <class T>
  void fill(std::span<const uint32_t> items, Rng& rng, NeuralExamples<T>& examples) const;

 private:
  uint32_t draw(Rng& rng) const;

  const Csr& by_user_;
  size_t items_;
  bool all_;       // every item is a candidate
  bool needs_;     // negatives
  bool in_batch_;  // they are the items of the micro-batch
  bool by_pair_;   // the item of a random pair is a draw with the exponent 1
  size_t negatives_;
  ItemSampler sampler_;
};

}  // namespace rec
