#include "models/inference/scorer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "linalg/softmax.h"

namespace rec {

void Scorer::prepare_item(uint32_t item, Users& users) const {
  if (item == kNoId) {
    users.item_.dense.assign(items_.cols, 0.0f);
  } else {
    items_.copy_row(item, users.item_.dense);
  }
  prepare(users.item_, 0, users);
}

void Scorer::score_pairs(std::span<const uint32_t> items, Users& users, float* out) const {
  for (size_t k = 0; k < items.size(); ++k) score_items(k, items.subspan(k, 1), users, out + k);
}

bool Scorer::read_history(const Encoder&, const History& history, Users&, std::vector<uint32_t>& items) const {
  // An item has one weight, however often the user came back to it.
  items.assign(history.item.begin(), history.item.end());
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return !items.empty();
}

void Scorer::history_attention(uint32_t candidate, std::span<const uint32_t> items, double temperature, Users& users,
                               float* weights) const {
  prepare_item(candidate, users);
  score_items(0, items, users, weights);
  if (!std::all_of(weights, weights + items.size(), [](float score) { return std::isfinite(score); })) {
    std::fill_n(weights, items.size(), std::numeric_limits<float>::quiet_NaN());
    return;
  }
  softmax(weights, items.size(), temperature, weights);
}

void Scorer::similarities(uint32_t item, Users& users, float* out) const {
  std::vector<uint32_t> all(items_.rows);
  std::iota(all.begin(), all.end(), 0u);
  prepare_item(item, users);
  score_items(0, all, users, out);
}

void ArrangedItems::score_block_above(size_t n_users, const float*, size_t first, size_t count, Scorer::Users& users,
                                      float* out, size_t stride) const {
  score_block(n_users, first, count, users, out, stride);
}

bool ArrangedItems::has_candidates(size_t, size_t, size_t, const Scorer::Users&) const { return true; }

}  // namespace rec
