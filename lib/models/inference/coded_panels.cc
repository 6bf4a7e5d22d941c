#include "models/inference/coded_panels.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace rec {
namespace {

constexpr size_t kPanelsPerBlock = kItemsPerBlock / Int8Panels::kPanel;
static_assert(kItemsPerBlock % Int8Panels::kPanel == 0 && Int8Panels::kPanel == PackedItems::kPanel);
// A user with more than this share of a block left has all of it scored.
constexpr size_t kMostLeft = 16;

size_t items_left(const uint64_t* above) {
  size_t left = 0;
  for (size_t p = 0; p < kPanelsPerBlock; ++p) left += static_cast<size_t>(std::popcount(above[p]));
  return left;
}

// each(first, end, value) for the longest runs of equal `of(k)`, k < n.
template <class Of, class Each>
void for_runs(size_t n, Of of, Each each) {
  for (size_t first = 0; first < n;) {
    const bool value = of(first);
    size_t end = first + 1;
    while (end < n && of(end) == value) ++end;
    each(first, end, value);
    first = end;
  }
}

}  // namespace

bool CodedPanels::pays(size_t items, size_t factors) {
  return has_fast_int8() && factors >= 24 && items >= 4 * kItemsPerBlock;
}

CodedPanels::CodedPanels(const ProjectionScorer& scorer, std::span<const uint32_t> item_at, int threads)
    : scorer_(scorer),
      item_at_(item_at.begin(), item_at.end()),
      panels_(
          item_at.size(), scorer.item_projections().cols,
          [&](size_t at, float* scratch) {
            constexpr size_t kAhead = 8;
            const RowTable& rows = scorer.item_projections();
            if (at + kAhead < item_at.size()) rows.prefetch(item_at[at + kAhead]);
            return rows.row(item_at[at], scratch);
          },
          threads),
      blocks_(std::make_unique<Block[]>((item_at.size() + kItemsPerBlock - 1) / kItemsPerBlock)) {}

const PackedItems& CodedPanels::whole(size_t first) const {
  Block& block = blocks_[first / kItemsPerBlock];
  std::call_once(block.once, [&] {
    const RowTable& rows = scorer_.item_projections();
    block.items = PackedItems(
        std::min(kItemsPerBlock, item_at_.size() - first), rows.cols,
        [&](size_t at, float* scratch) { return rows.row(item_at_[first + at], scratch); }, 1);
  });
  return block.items;
}

void CodedPanels::score_whole(size_t user, size_t n_users, size_t first, size_t count, const CodedUsers& users,
                              float* out, size_t stride) const {
  rec::score_block(users.projections.view().middle_rows(user, n_users), whole(first), 0, count, out, stride);
}

void CodedPanels::score_few(size_t user, size_t n_users, const float* floors, size_t first, size_t count,
                            CodedUsers& users, float* out, size_t stride) const {
  users.above.assign(n_users * kPanelsPerBlock, 0);
  upper_bounds(users.codes, user, n_users, panels_, first, count, floors, out, stride, users.above.data(),
               kPanelsPerBlock);
  const auto above = [&](size_t u) { return users.above.data() + u * kPanelsPerBlock; };
  const auto many = [&](size_t u) { return items_left(above(u)) * kMostLeft > count; };
  for_runs(n_users, many, [&](size_t begin, size_t end, bool are_many) {
    if (are_many) return score_whole(user + begin, end - begin, first, count, users, out + begin * stride, stride);
    for (size_t u = begin; u < end; ++u) {
      users.at.clear();
      for (size_t p = 0; p < kPanelsPerBlock; ++p) {
        for (uint64_t bits = above(u)[p]; bits != 0; bits &= bits - 1)
          users.at.push_back(
              static_cast<uint32_t>(p * Int8Panels::kPanel + static_cast<size_t>(std::countr_zero(bits))));
      }
      if (users.at.empty()) continue;
      users.items.resize(users.at.size());
      users.scores.resize(users.at.size());
      for (size_t k = 0; k < users.at.size(); ++k) users.items[k] = item_at_[first + users.at[k]];
      scorer_.score_items(user + u, users.items, users, users.scores.data());
      for (size_t k = 0; k < users.at.size(); ++k) out[u * stride + users.at[k]] = users.scores[k];
    }
  });
}

void CodedPanels::score_block(size_t n_users, size_t first, size_t count, Scorer::Users& users, float* out,
                              size_t stride) const {
  score_whole(0, n_users, first, count, static_cast<const CodedUsers&>(users), out, stride);
}

void CodedPanels::score_block_above(size_t n_users, const float* floors, size_t first, size_t count,
                                    Scorer::Users& users, float* out, size_t stride) const {
  auto& own = static_cast<CodedUsers&>(users);
  // A scan begins: these are other users than before.
  for (size_t u = 0; u < n_users && first == 0; ++u) own.codes.set(u, own.projections.row(u));
  const auto bounded = [&](size_t u) {
    return floors[u] > -std::numeric_limits<float>::infinity() && own.codes.is_bounded(u);
  };
  for_runs(n_users, bounded, [&](size_t begin, size_t end, bool are) {
    if (are) return score_few(begin, end - begin, floors + begin, first, count, own, out + begin * stride, stride);
    score_whole(begin, end - begin, first, count, own, out + begin * stride, stride);
  });
}

}  // namespace rec
