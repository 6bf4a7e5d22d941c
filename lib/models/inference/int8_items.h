// Items of int8 with a scale each, scored where they lie (data/quantise.h). Products in whole numbers, with a bound of
// their error, tell the items that can be among the best; these are scored in float32 by the scorer itself. Immutable
// and thread-safe.
#pragma once

#include "linalg/int8_dots.h"
#include "models/inference/projection_scorer.h"

namespace rec {

// out[k] >= what dots() gives for the query that `query` was made of and row k, for k < n: products[k] by int8_dots(),
// scale[k] of the row, F values. Not finite: the row has no bound.
void upper_bounds(const Int16Query& query, size_t F, const int32_t* products, const float* scale, size_t n, float* out);

class Int8Items : public ArrangedItems {
 public:
  // The scores of `scorer` are inner products of its projections; its items are int8. It outlives this, as does
  // in_place, which scores them in float32.
  Int8Items(const ProjectionScorer& scorer, std::unique_ptr<const ArrangedItems> in_place)
      : scorer_(scorer), in_place_(std::move(in_place)) {}

  void score_block(size_t n_users, size_t first, size_t count, Scorer::Users& users, float* out,
                   size_t stride) const override {
    in_place_->score_block(n_users, first, count, users, out, stride);
  }
  void score_block_above(size_t n_users, const float* floors, size_t first, size_t count, Scorer::Users& users,
                         float* out, size_t stride) const override;

 private:
  const ProjectionScorer& scorer_;
  std::unique_ptr<const ArrangedItems> in_place_;
};

}  // namespace rec
