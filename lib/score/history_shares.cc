#include "score/history_shares.h"

#include <algorithm>

#include "base/error.h"
#include "linalg/dot.h"
#include "linalg/softmax.h"
#include "models/history_encoder.h"

namespace rec {

HistoryShares::HistoryShares(const Model& model, PairForm form, double temperature)
    : model_(model), function_(form, model.parts()), temperature_(temperature), zero_(model.item_vectors().cols, 0.0f) {
  if (form != PairForm::kNeighbours) return;
  if (!model.neighbours_are_items()) fail_usage("--over history: the model's neighbours are users, not items of the history");
  if (const Artefact::Tensor* source = model.artefact().find(kItemSource)) source_ = source->view();
}

bool HistoryShares::set_history(const KnownHistory& history, Scratch& scratch) const {
  if (function_.neighbours().rows() > 0) {
    if (!model_.encoder().encode_history({history.item, history.value}, scratch.h)) return false;
    scratch.items = scratch.h.row;
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

void HistoryShares::share_out(uint32_t item, Scratch& scratch) const {
  if (function_.neighbours().rows() > 0) return share_evidence(item, scratch);
  scratch.query.resize(function_.image_size());
  function_.image(item == kNoId ? zero_.data() : model_.item_vectors().row(item), scratch.query.data());
  function_.values(scratch.query.data(), scratch.rows.data(), scratch.rows.size(), scratch.shares.data(), scratch.function);
  softmax(scratch.shares.data(), scratch.shares.size(), temperature_, scratch.shares.data());
}

void HistoryShares::share_evidence(uint32_t item, Scratch& scratch) const {
  double sum = 0.0;
  for (size_t j = 0; j < scratch.items.size(); ++j) {
    float value = 0.0f;
    if (item != kNoId) {
      const auto row = function_.neighbours().row(scratch.items[j]);
      const auto found = std::lower_bound(row.begin(), row.end(), item);
      if (found != row.end() && *found == item) {
        value = weight_at(function_.neighbours().row_weight(scratch.items[j]), static_cast<size_t>(found - row.begin()));
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
