#include "score/history_shares.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "linalg/dot.h"
#include "linalg/softmax.h"
#include "models/attention_pool/pool.h"
#include "models/common/history_encoder.h"

namespace rec {

HistoryShares::HistoryShares(const Model& model, ScoreForm form, double temperature)
    : model_(model), function_(form, model.parts()), temperature_(temperature), zero_(model.item_vectors().cols, 0.0f) {
  if (form != ScoreForm::kNeighbours) return;
  if (!model.neighbours_are_items())
    fail_usage("--over history: the model's neighbours are users, not items of the history");
  if (const Artefact::Tensor* source = model.artefact().find(kItemSource)) source_ = source->view();
}

HistoryShares::HistoryShares(const Model& model, bool by_head)
    : model_(model), own_(true), function_(model.attention(), model.parts()), temperature_(1.0) {
  const Encoder::Heads its = model.encoder().attention_heads();
  if (its.blocks == 0) fail_usage("--by-head: the model's encoder has no attention of its own");
  if (by_head) heads_ = its;
}

// Adds up an item's entries, and the heads where one share for all is wanted.
bool HistoryShares::set_own(const KnownHistory& history, Scratch& scratch) const {
  const size_t n = model_.encoder().attention_shares({history.item, history.value, history.timestamp}, scratch.own);
  const auto first = history.item.end() - static_cast<std::ptrdiff_t>(n);
  scratch.items.assign(first, history.item.end());
  std::sort(scratch.items.begin(), scratch.items.end());
  scratch.items.erase(std::unique(scratch.items.begin(), scratch.items.end()), scratch.items.end());
  const size_t H = scratch.items.size();
  const size_t there = n > 0 ? scratch.own.size() / n : 0;
  const size_t apart = heads_.blocks * heads_.heads;
  scratch.shares.resize(H);
  scratch.by_head.assign(apart * H, 0.0f);
  const float weight = apart == there ? 1.0f : 1.0f / static_cast<float>(there);
  for (size_t head = 0; head < there; ++head) {
    float* sums = scratch.by_head.data() + (apart == there ? head : 0) * H;
    for (size_t j = 0; j < n; ++j) {
      const auto at =
          std::lower_bound(scratch.items.begin(), scratch.items.end(), first[static_cast<std::ptrdiff_t>(j)]);
      sums[at - scratch.items.begin()] += weight * scratch.own[head * n + j];
    }
  }
  return n > 0;
}

bool HistoryShares::set_history(const KnownHistory& history, Scratch& scratch) const {
  if (own_) return set_own(history, scratch);
  if (function_.neighbours().rows() > 0) {
    if (!model_.encoder().encode_history({history.item, history.value}, scratch.h)) return false;
    scratch.items = scratch.h.row;
  } else if (function_.is_pool()) {
    if (!model_.encoder().encode_history({history.item, history.value, history.timestamp}, scratch.h)) return false;
    scratch.items = scratch.h.row;
    function_.read_history(scratch.h, scratch.pool);
    scratch.rows.resize(scratch.items.size());
    for (size_t j = 0; j < scratch.items.size(); ++j) scratch.rows[j] = scratch.pool.keys.row(j);
  } else {
    // An item has one share however often the user came back to it.
    scratch.items = history.item;
    std::sort(scratch.items.begin(), scratch.items.end());
    scratch.items.erase(std::unique(scratch.items.begin(), scratch.items.end()), scratch.items.end());
    scratch.rows.resize(scratch.items.size());
    for (size_t j = 0; j < scratch.items.size(); ++j) scratch.rows[j] = function_.item_images().row(scratch.items[j]);
  }
  scratch.shares.resize(scratch.items.size());
  return !scratch.items.empty();
}

void HistoryShares::share_out(uint32_t item, size_t head, Scratch& scratch) const {
  if (own_) {
    std::copy_n(scratch.by_head.data() + head * scratch.items.size(), scratch.items.size(), scratch.shares.data());
    return;
  }
  if (function_.neighbours().rows() > 0) return share_evidence(item, scratch);
  if (function_.is_pool()) return share_pool(item, scratch);
  scratch.query.resize(function_.image_size());
  function_.image(item == kNoId ? zero_.data() : model_.item_vectors().row(item), scratch.query.data());
  function_.values(scratch.query.data(), scratch.rows.data(), scratch.rows.size(), scratch.shares.data(),
                   scratch.function);
  softmax(scratch.shares.data(), scratch.shares.size(), temperature_, scratch.shares.data());
}

void HistoryShares::share_pool(uint32_t item, Scratch& scratch) const {
  const size_t n = scratch.items.size();
  const float* query = item == kNoId ? function_.unknown_query() : function_.pool_queries().row(item);
  dots(query, scratch.rows.data(), n, function_.pool_queries().cols, scratch.shares.data());
  for (size_t j = 0; j < n; ++j) {
    scratch.shares[j] =
        std::clamp(scratch.shares[j], -kMostPoolLogit, kMostPoolLogit) + std::log(scratch.pool.weight[j]);
  }
  softmax(scratch.shares.data(), n, 1.0, scratch.shares.data());
}

void HistoryShares::share_evidence(uint32_t item, Scratch& scratch) const {
  double sum = 0.0;
  for (size_t j = 0; j < scratch.items.size(); ++j) {
    float value = 0.0f;
    if (item != kNoId) {
      const auto row = function_.neighbours().row(scratch.items[j]);
      const auto found = std::lower_bound(row.begin(), row.end(), item);
      if (found != row.end() && *found == item) {
        value =
            weight_at(function_.neighbours().row_weight(scratch.items[j]), static_cast<size_t>(found - row.begin()));
      }
      if (source_.cols > 0) value += dot(source_.row(scratch.items[j]), model_.item_vectors().row(item), source_.cols);
    }
    scratch.shares[j] = std::max(0.0f, value * weight_at(scratch.h.weight, j));
    sum += static_cast<double>(scratch.shares[j]);
  }
  const double equal = 1.0 / static_cast<double>(scratch.shares.size());
  for (float& share : scratch.shares) share = static_cast<float>(sum > 0.0 ? static_cast<double>(share) / sum : equal);
}

}  // namespace rec
