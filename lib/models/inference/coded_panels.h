// Items in the order of a scan whose scores are inner products of projections: for many users at once, bounds by
// products of bytes tell the few items that can be among a user's best, and these alone are scored in float32. Memory:
// a byte a factor and 4 more for each item, and 4 bytes a factor for the items of a block that is scored whole.
// Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "linalg/int8_panels.h"
#include "models/inference/projection_scorer.h"

namespace rec {

class CodedPanels : public ArrangedItems {
 public:
  // Whether it pays: the processor has the product, and rows are long and many enough.
  static bool pays(size_t items, size_t factors);

  // The scores of `scorer`, which outlives this, are dots() of its projections; `item_at` is copied.
  CodedPanels(const ProjectionScorer& scorer, std::span<const uint32_t> item_at, int threads);

  // The users of the scorer, as whole numbers beside.
  struct CodedUsers : ProjectionScorer::ProjectedUsers {
    CodedUsers(size_t capacity, size_t factors) : codes(capacity, factors) {}
    Int8Users codes;
    std::vector<uint64_t> above;  // of upper_bounds()
    std::vector<uint32_t> at;     // of one user: the items that are left, in the block
    std::vector<uint32_t> items;  // and their numbers
    std::vector<float> scores;
  };

  void score_block(size_t n_users, size_t first, size_t count, Scorer::Users& users, float* out,
                   size_t stride) const override;
  void score_block_above(size_t n_users, const float* floors, size_t first, size_t count, Scorer::Users& users,
                         float* out, size_t stride) const override;

 private:
  struct Block {
    std::once_flag once;
    PackedItems items;
  };
  // The block of items from `first` on, in float32.
  const PackedItems& whole(size_t first) const;
  // The scores of n_users from `user` on, all of them; `out` is that of `user`, here and below.
  void score_whole(size_t user, size_t n_users, size_t first, size_t count, const CodedUsers& users, float* out,
                   size_t stride) const;
  // Those of users that have codes and floors.
  void score_few(size_t user, size_t n_users, const float* floors, size_t first, size_t count, CodedUsers& users,
                 float* out, size_t stride) const;

  const ProjectionScorer& scorer_;
  std::vector<uint32_t> item_at_;
  Int8Panels panels_;
  std::unique_ptr<Block[]> blocks_;  // made when first asked for
};

}  // namespace rec
