// Items scored where they lie by products of whole numbers: a bound of each score tells the items that can be among the
// best, and these are scored in float32 by the scorer itself. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>

#include "linalg/int8_dots.h"
#include "models/inference/projection_scorer.h"

namespace rec {

// Rows as int8 codes and a scale each, as data/quantise.h has them.
struct Int8Rows {
  const int8_t* codes = nullptr;
  const float* scale = nullptr;
  size_t readable = 0;    // bytes from codes on that may be read, at least those of the rows
  double rounding = 0.0;  // no value of a row is further than this times its scale from its code times its scale
};

// out[k] >= what dots() gives for the query that `query` was made of and row k, for k < n: products[k] by int8_dots(),
// F values. Not finite: the row has no bound.
void upper_bounds(const Int16Query& query, size_t F, const int32_t* products, const Int8Rows& rows, size_t n,
                  float* out);

// Codes and a scale of a row of float32 for upper_bounds(): the scale is infinite for a row that has no bound.
// `rounding` of such rows is kCodeRounding.
inline constexpr double kCodeRounding = 0.5001;
float bounded_codes(const float* row, size_t n, int8_t* codes);

// Items that are int8.
class Int8Items : public ArrangedItems {
 public:
  // The scores of `scorer` are inner products of its projections; its items are int8. It outlives this. in_place scores
  // them in float32.
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

// Items that are float32. A process that answers one request after the other gets codes of its own for each block that
// it has scored kPasses times for one user: F + 4 bytes an item.
class CodedItems : public ArrangedItems {
 public:
  static constexpr uint32_t kPasses = 16;

  // The scores of `scorer`, which outlives this, are inner products of its projections.
  CodedItems(const ProjectionScorer& scorer, std::unique_ptr<const ArrangedItems> in_place);

  void score_block(size_t n_users, size_t first, size_t count, Scorer::Users& users, float* out,
                   size_t stride) const override {
    in_place_->score_block(n_users, first, count, users, out, stride);
  }
  void score_block_above(size_t n_users, const float* floors, size_t first, size_t count, Scorer::Users& users,
                         float* out, size_t stride) const override;

 private:
  struct Block {
    std::atomic<uint32_t> passes{0};
    std::once_flag once;
    AlignedBuffer<int8_t> codes;
    AlignedBuffer<float> scale;
  };
  void make(Block& block, size_t first) const;

  const ProjectionScorer& scorer_;
  std::unique_ptr<const ArrangedItems> in_place_;
  std::unique_ptr<Block[]> blocks_;
};

}  // namespace rec
