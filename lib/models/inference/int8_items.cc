#include "models/inference/int8_items.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

#include "data/quantise.h"

namespace rec {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Items whose bounds are made at once: their codes and products stay in the first-level cache.
constexpr size_t kCodedItemsPerStep = 192;

// score_block_above() for one user, with the rows of the items from `first` on.
void score_above(const ProjectionScorer& scorer, const Int8Rows& rows, float floor, size_t user, size_t first,
                 size_t count, Scorer::Users& users, float* out) {
  const size_t F = scorer.item_projections().cols;
  const float* h = static_cast<ProjectionScorer::ProjectedUsers&>(users).projections.row(user);
  Int16Query query;
  int32_t products[kCodedItemsPerStep];
  std::vector<uint32_t> again;
  const bool bounded = floor > -kInfinity && quantise_query(h, F, query);
  for (size_t at = 0; at < count; at += kCodedItemsPerStep) {
    const size_t n = std::min(kCodedItemsPerStep, count - at);
    if (bounded) {
      int8_dots(query, rows.codes + at * F, n, F, rows.readable - at * F, products);
      const Int8Rows step{rows.codes + at * F, rows.scale + at, rows.readable - at * F, rows.rounding};
      upper_bounds(query, F, products, step, n, out + at);
    }
    for (size_t k = at; k < at + n; ++k) {
      if (!bounded || out[k] >= floor) again.push_back(static_cast<uint32_t>(first + k));
    }
  }
  std::vector<float> scores(again.size());
  scorer.score_items(user, again, users, scores.data());
  for (size_t k = 0; k < again.size(); ++k) out[again[k] - first] = scores[k];
}

}  // namespace

// With codes c of a row, |c| <= 128, its scale s, the query q and what it is as whole numbers, p·k:
//   |Σ q s c - p s Σ k c| <= s 128 F max|q - p k|,
// a row x that is not s·c itself differs by no more than Σ |q| max|x - s c|, and dots(), which rounds s·c and each of F
// additions, is off by less than (F + 2) 2^-24 s 128 F max|q|. What is rounded here is five values more. A bound that
// is too great costs time alone, so (F + 16) 2^-23 stands for all of it.
void upper_bounds(const Int16Query& query, size_t F, const int32_t* products, const Int8Rows& rows, size_t n,
                  float* out) {
  constexpr float kLeast = 1e-35f;  // more than what is lost where products are too small for a normal number
  const auto size = static_cast<double>(F);
  const double of_query = 128.0 * size * (query.error + (size + 16.0) * std::ldexp(1.0, -23) * query.greatest);
  const auto margin = static_cast<float>((of_query + query.sum * rows.rounding) * 1.0001);
  // Beyond it a sum might overflow on its way.
  const auto greatest_scale = static_cast<float>(1e37 / (128.0 * size * query.greatest));
  const float step = query.step;
  for (size_t k = 0; k < n; ++k) {
    const float bound = rows.scale[k] * (step * static_cast<float>(products[k]) + margin) + kLeast;
    out[k] = rows.scale[k] <= greatest_scale ? bound : kInfinity;
  }
}

float bounded_codes(const float* row, size_t n, int8_t* codes) {
  if (!std::all_of(row, row + n, [](float value) { return std::fabs(value) < kTooGreatToCode; })) {
    std::fill_n(codes, n, int8_t{0});
    return kInfinity;
  }
  const float scale = to_int8(row, n, codes);
  return scale > 0.0f ? scale : 256.0f * FLT_MIN;  // half of it is more than any value of the row
}

void Int8Items::score_block_above(size_t n_users, const float* floors, size_t first, size_t count, Scorer::Users& users,
                                  float* out, size_t stride) const {
  const RowTable& items = scorer_.item_projections();
  const Int8Rows rows{items.codes() + first * items.cols, items.scales() + first, (items.rows - first) * items.cols,
                      0.0};
  for (size_t user = 0; user < n_users; ++user)
    score_above(scorer_, rows, floors[user], user, first, count, users, out + user * stride);
}

CodedItems::CodedItems(const ProjectionScorer& scorer, std::unique_ptr<const ArrangedItems> in_place)
    : scorer_(scorer),
      in_place_(std::move(in_place)),
      blocks_(std::make_unique<Block[]>((scorer.item_projections().rows + kItemsPerBlock - 1) / kItemsPerBlock)) {}

void CodedItems::make(Block& block, size_t first) const {
  const RowTable& items = scorer_.item_projections();
  const size_t count = std::min(kItemsPerBlock, items.rows - first);
  block.codes.resize(count * items.cols);
  block.scale.resize(count);
  std::vector<float> scratch(items.cols);
  for (size_t k = 0; k < count; ++k)
    block.scale[k] =
        bounded_codes(items.row(first + k, scratch.data()), items.cols, block.codes.data() + k * items.cols);
}

void CodedItems::score_block_above(size_t n_users, const float* floors, size_t first, size_t count,
                                   Scorer::Users& users, float* out, size_t stride) const {
  Block& block = blocks_[first / kItemsPerBlock];
  if (n_users > 1 || block.passes.fetch_add(1) < kPasses) return score_block(n_users, first, count, users, out, stride);
  std::call_once(block.once, [&] { make(block, first); });
  score_above(scorer_, {block.codes.data(), block.scale.data(), block.codes.size(), kCodeRounding}, floors[0], 0, first,
              count, users, out);
}

}  // namespace rec
