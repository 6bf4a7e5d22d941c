// Vectors of features that are learnt by gradient steps: what items and users share that have a feature in
// common. Symbols: d dimension, C categories of K kinds.
//
//   Σ_c f_c s_k e_c        the sum of a row of features f (models/common/feature_rows.h); k the kind of c
//
// e begins at random and s, one of each kind, at 0: training begins as without features, and a kind that says
// nothing can stay small while others grow. Beside them stands u, which begins at 0: what a row starts with that
// has nothing but features.
// Values are read by several threads, changed by one at a time. The same bits for every number of threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/parallel_for.h"
#include "models/common/feature_rows.h"
#include "models/sgd/gradient_step.h"

namespace rec {

class FeatureVectors {
 public:
  // (C + 1) × d: s_k e_c of each category, then u.
  const AlignedBuffer<float>& folded() const { return folded_; }
  // For the step; after it comes fold().
  ParameterBlock block();
  void fold();

  // name: of the tensors in a checkpoint.
  void add_state(const std::string& name, Artefact& state) const;
  void restore(const std::string& name, uint64_t step, const Artefact& state);

 protected:
  // features: held by the caller. deviation: of e at the start.
  FeatureVectors(const SideFeatures& features, size_t dim, const OptimizerOptions& optimizer, double deviation,
                 uint64_t seed, uint64_t stream);

  // to += the sum of the features of `row`, from `folded`.
  void add_sum(size_t row, const float* folded, float* to) const;
  // Sets the gradients of e and s. sum(c, to): sets `to` (d) to the gradient of s_k e_c; several threads at once.
  template <class Sum>
  void back(ThreadPool& thread_pool, Sum&& sum) {
    constexpr size_t kCategoriesPerTask = 16;
    thread_pool.run((categories_ + kCategoriesPerTask - 1) / kCategoriesPerTask, [&](size_t task, int) {
      const size_t end = std::min(categories_, (task + 1) * kCategoriesPerTask);
      for (size_t c = task * kCategoriesPerTask; c < end; ++c) sum(c, gradient_.data() + c * dim_);
    });
    take_apart();
  }
  float* start_gradient() { return gradient_.data() + categories_ * dim_; }  // of u, d

  // Floats that it takes.
  static size_t memory(const SideFeatures& features, size_t dim);

  const SideFeatures& features_;
  const size_t dim_;
  const size_t categories_;

 private:
  float* e() { return values_.data(); }
  float* u() { return values_.data() + categories_ * dim_; }
  float* s() { return u() + dim_; }
  void take_apart();  // what stands in gradient_ of s_k e_c into that of e and s

  const std::vector<uint32_t> kind_;  // of each category
  AlignedBuffer<float> values_;       // e, u, s
  AlignedBuffer<float> gradient_;     // of them
  AlignedBuffer<float> folded_;
  Optimizer optimizer_;
};

}  // namespace rec
