#include "score/history_attention.h"

#include <algorithm>

#include "base/error.h"

namespace rec {

HistoryAttention::HistoryAttention(const Model& model, std::unique_ptr<const Scorer> scorer, double temperature)
    : model_(model), scorer_(std::move(scorer)), temperature_(temperature) {
  const std::string obstacle = scorer_->history_obstacle();
  if (!obstacle.empty()) fail_usage("--over history: {}", obstacle);
}

HistoryAttention::HistoryAttention(const Model& model, bool by_head) : model_(model) {
  const Encoder::Heads its = model.encoder().attention_heads();
  if (its.blocks == 0) fail_usage("--by-head: the model's encoder has no attention of its own");
  if (by_head) heads_ = its;
}

bool HistoryAttention::read_own(const KnownHistory& history, Scratch& scratch) const {
  const size_t n = model_.encoder().attention_weights({history.item, history.value, history.timestamp}, scratch.own);
  const auto first = history.item.end() - static_cast<std::ptrdiff_t>(n);
  scratch.items.assign(first, history.item.end());
  std::sort(scratch.items.begin(), scratch.items.end());
  scratch.items.erase(std::unique(scratch.items.begin(), scratch.items.end()), scratch.items.end());
  const size_t H = scratch.items.size();
  const size_t all_heads = n > 0 ? scratch.own.size() / n : 0;
  const size_t kept_heads = heads_.blocks * heads_.heads;
  const bool keep = kept_heads == all_heads;
  scratch.weights.resize(H);
  scratch.by_head.assign(kept_heads * H, 0.0f);
  const float factor = keep ? 1.0f : 1.0f / static_cast<float>(all_heads);
  for (size_t head = 0; head < all_heads; ++head) {
    float* sums = scratch.by_head.data() + (keep ? head : 0) * H;
    for (size_t j = 0; j < n; ++j) {
      const auto at =
          std::lower_bound(scratch.items.begin(), scratch.items.end(), first[static_cast<std::ptrdiff_t>(j)]);
      sums[at - scratch.items.begin()] += factor * scratch.own[head * n + j];
    }
  }
  return n > 0;
}

bool HistoryAttention::set_history(const KnownHistory& history, Scratch& scratch) const {
  if (!scorer_) return read_own(history, scratch);
  if (!scratch.user) scratch.user = scorer_->make_users(1);
  if (!scorer_->read_history(model_.encoder(), {history.item, history.value, history.timestamp}, *scratch.user,
                             scratch.items)) {
    return false;
  }
  scratch.weights.resize(scratch.items.size());
  return true;
}

void HistoryAttention::attend(uint32_t candidate, size_t head, Scratch& scratch) const {
  if (scorer_) {
    return scorer_->history_attention(candidate, scratch.items, temperature_, *scratch.user, scratch.weights.data());
  }
  const size_t H = scratch.items.size();
  std::copy_n(scratch.by_head.data() + head * H, H, scratch.weights.data());
}

}  // namespace rec
