// The candidates of a slice: negatives drawn from all items or from the batch. Symbols:
// I items, E examples, N draws. Immutable and thread-safe.
#pragma once

#include "base/rng.h"
#include "data/interactions.h"
#include "models/two_tower/neural_micro_batch.h"
#include "models/two_tower/neural_options.h"

namespace rec {

class NeuralNegatives {
 public:
  // by_user: held by the caller.
  NeuralNegatives(const Csr& by_user, size_t items, const NeuralOptions& options);

  // Sets all of `examples` but user and value, for examples with these users and items.
  //   uniform     N = options.negatives draws, q_i = 1 / I
  //   popularity  the same with q_i = n_i / Σ n, n_i the users of the item
  //   in-batch    the E items of the slice stand for draws by popularity
  // A full softmax has all items for candidates.
  template <class T>
  void fill(std::span<const uint32_t> items, Rng& rng, NeuralExamples<T>& examples) const;

 private:
  const Csr& by_user_;
  size_t items_;
  std::vector<double> share_;  // q
  bool all_;                   // every item is a candidate
  bool draws_;
  NegativeSampling sampling_;
  size_t negatives_;
};

}  // namespace rec
