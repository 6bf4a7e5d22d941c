// Item vectors that are sums of a vector of the item's own and of vectors of its features, for
// trainers by gradient steps. Symbols: I items, f_i the features of item i, y_i its own vector; others as in
// models/sgd/feature_vectors.h.
//
//   x_i = y_i + Σ_c f_ic s_k e_c
//   x_i = u + Σ_c f_ic s_k e_c          without rows, or where the id is dropped
//
// u is learnt from dropped ids alone. Thread rule and determinism: as models/sgd/feature_vectors.h.
#pragma once

#include <cstdint>
#include <vector>

#include "models/sgd/feature_vectors.h"

namespace rec {

class ItemFeatures : public FeatureVectors {
 public:
  // features: of items; held by the caller. counts: I, 0 for an item without rows. deviation: of e at the start.
  ItemFeatures(const SideFeatures& features, const std::vector<float>& counts, size_t dim,
               const OptimizerOptions& optimizer, double deviation, uint64_t seed, uint64_t stream);

  // Drops each id with this probability until the next call.
  void drop(double rate, uint64_t key);
  // Whether y of the item counts: it has rows and is not dropped.
  bool own(size_t item) const { return state_[item] == State::kOwn; }
  // x of the items [first, first + count) into `to`, count × d. ids: I × d, y. folded: as folded().
  // dropping: without the ids that drop() has chosen.
  void compose(const float* ids, const float* folded, size_t first, size_t count, bool dropping, float* to) const;
  // The gradient of y of the items [first, first + count) from that of x, I × d.
  void own_part(const float* d_items, size_t first, size_t count, float* to) const;
  // Sets the gradient of what else is learnt from that of x, I × d.
  void back(const float* d_items, ThreadPool& thread_pool);

  // Floats that it takes, and a trainer besides for x and its gradient.
  static size_t memory(const SideFeatures& features, size_t items, size_t dim);

 private:
  enum class State : uint8_t { kOwn, kDropped, kWithoutRows };

  const Csr by_category_;          // C × I: f
  std::vector<State> state_;       // I
  std::vector<uint32_t> dropped_;  // items
};

}  // namespace rec
