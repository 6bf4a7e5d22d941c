// Item vectors that are sums of a vector of the item's own and of vectors of its features, for
// trainers by gradient steps. Symbols: I items, d dimension, C categories of K kinds, f_i the
// features of item i (models/common/feature_rows.h), y_i its own vector.
//
//   x_i = y_i + Σ_c f_ic s_k e_c        k the kind of category c
//   x_i = u + Σ_c f_ic s_k e_c          without rows, or where the id is dropped
//
// e begins at random, u and s at 0: training begins as without features. Each kind has an s of its own, so
// that one which says nothing can stay small while others grow. u is learnt from dropped ids alone.
// Values are read by several threads, changed by one at a time. The same bits for every number of threads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/parallel_for.h"
#include "models/common/feature_rows.h"
#include "models/sgd/gradient_step.h"

namespace rec {

class ItemFeatures {
 public:
  // features: of items; held by the caller. counts: I, 0 for an item without rows. deviation: of e at the start.
  ItemFeatures(const SideFeatures& features, const std::vector<float>& counts, size_t dim,
               const OptimizerOptions& optimizer, double deviation, uint64_t seed, uint64_t stream);

  // (C + 1) × d: s_k e_c of each category, then u.
  const AlignedBuffer<float>& folded() const { return folded_; }
  // Drops each id with this probability until the next call.
  void drop(double rate, uint64_t key);
  // Whether y of the item counts: it has rows and is not dropped.
  bool own(size_t item) const { return state_[item] == State::kOwn; }
  // x of the items [first, first + count) into `to`, count × d. ids: I × d, y. folded: as above.
  // dropping: without the ids that drop() has chosen.
  void compose(const float* ids, const float* folded, size_t first, size_t count, bool dropping, float* to) const;
  // The gradient of y of the items [first, first + count) from that of x, I × d.
  void own_part(const float* d_items, size_t first, size_t count, float* to) const;
  // Sets the gradient of what else is learnt from that of x, I × d.
  void back(const float* d_items, ThreadPool& thread_pool);
  // For the step; after it comes fold().
  ParameterBlock block();
  void fold();

  // name: of the tensors in a checkpoint.
  void add_state(const std::string& name, Artefact& state) const;
  void restore(const std::string& name, uint64_t step, const Artefact& state);

  // Floats that it takes, and a trainer besides for x and its gradient.
  static size_t memory(const SideFeatures& features, size_t items, size_t dim);

 private:
  enum class State : uint8_t { kOwn, kDropped, kWithoutRows };
  float* e() { return values_.data(); }
  float* u() { return values_.data() + categories_ * dim_; }
  float* s() { return u() + dim_; }

  const SideFeatures& features_;
  const size_t dim_;
  const size_t categories_;
  const Csr by_category_;             // C × I: f
  const std::vector<uint32_t> kind_;  // of each category
  std::vector<State> state_;          // I
  std::vector<uint32_t> dropped_;     // items
  AlignedBuffer<float> values_;       // e, u, s
  AlignedBuffer<float> gradient_;     // of them
  AlignedBuffer<float> folded_;
  Optimizer optimizer_;
};

}  // namespace rec
