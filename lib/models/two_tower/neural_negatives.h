// The candidates of a micro-batch: all items, or negatives that are drawn or are the items
// of the micro-batch itself. Symbols: I items, E examples, N draws. Immutable and thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "data/interactions.h"
#include "models/sgd/item_sampler.h"
#include "models/two_tower/neural_micro_batch.h"
#include "models/two_tower/neural_options.h"

namespace rec {

class NeuralNegatives {
 public:
  // by_user: held by the caller. features: of items; those without pairs are then no
  // candidates, since a loss would push away what is known by them.
  NeuralNegatives(const Csr& by_user, size_t items, const NeuralOptions& options, bool features = false);

  // Sets all of `examples` but user and value, for examples with these users and items.
  // With negatives, N = options.negatives items are drawn with the probabilities
  // q_i = n_i^E / Σ_j n_j^E, n_i the users of item i, E the negative exponent; or, in-batch,
  // the E items of the micro-batch stand for draws with the exponent 1. A full softmax has
  // all items for candidates, with features those that have pairs.
  template <class T>
  void fill(std::span<const uint32_t> items, Rng& rng, NeuralExamples<T>& examples) const;

 private:
  uint32_t draw(Rng& rng) const;

  const Csr& by_user_;
  std::vector<uint32_t> all_;  // the candidates of a full softmax; empty: another loss
  bool needs_;                 // negatives
  bool leaves_out_known_;      // for bce and bpr: what the user chose
  bool in_batch_;              // they are the items of the micro-batch
  bool by_pair_;               // the item of a random pair is a draw with the exponent 1
  size_t negatives_;
  ItemSampler sampler_;
};

}  // namespace rec
