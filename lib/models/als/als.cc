#include "models/als/als.h"

#include <algorithm>

#include "base/error.h"
#include "models/als/als_history_parts.h"
#include "models/als/als_pairs.h"
#include "models/common/popularity.h"

namespace rec {

AlsEncoder::AlsEncoder(const Artefact& artefact) {
  const Artefact::Tensor* items = artefact.find("items.factors");
  const Artefact::Tensor* users = artefact.find("users.factors");
  if (items == nullptr) fail("model: no tensor \"items.factors\"");
  items_ = RowTable(*items);
  if (users != nullptr) users_ = RowTable(*users);
  if (users != nullptr && users_.cols != items_.cols)
    fail("model: users have {} factors, items {}", users_.cols, items_.cols);
  read_options(artefact.meta, options_);
  try {
    options_.check();
  } catch (const UsageError& error) {
    fail("model: {}", error.what());
  }
  options_.dim = static_cast<int>(items_.cols);
  const Artefact::Tensor* counts = artefact.find(kItemCounts);
  if (has_feature_map(artefact, IdKind::kItem) && counts != nullptr) item_counts_ = counts->floats();
  counted_ = item_counts_ == nullptr ? items_.rows
                                     : static_cast<size_t>(std::count_if(item_counts_, item_counts_ + items_.rows,
                                                                         [](float n) { return n > 0.0f; }));
  options_ = options_.resolved(counted_);
}

bool AlsEncoder::encode_user(uint32_t user, Behaviour& h) const {
  if (user >= users_.rows) return false;
  users_.copy_row(user, h.dense);
  return true;
}

bool AlsEncoder::encode_history(const History& history, Behaviour& h) const {
  if (history.item.empty()) return false;
  const AlsHistory pairs = als_history(history, options_);
  static thread_local AlsSolver::Scratch scratch;  // of use to the next history
  h.dense.resize(items_.cols);
  solver_->solve({pairs.item, pairs.weight, prior_of(history)}, h.dense.data(), scratch);
  return true;
}

bool AlsEncoder::encode_parts(const History& history, HistoryParts& parts) const {
  if (history.item.empty()) return false;
  AlsHistory pairs = als_history(history, options_);
  als_history_parts(solver_->side(), {pairs.item, pairs.weight, prior_of(history)}, parts);
  parts.item = std::move(pairs.item);
  parts.weight.clear();
  return true;
}

const float* AlsEncoder::prior_of(const History& history) const {
  return history.described < users_.rows ? users_.floats().row(history.described) : nullptr;
}

void AlsEncoder::prepare(int threads) {
  if (solver_) return;
  // Items without a pair are known by their features alone: no one has left them out.
  Matrix with_pairs;
  const ConstMatrixView items = items_.floats();
  ConstMatrixView counted = items;
  if (counted_ < items_.rows) {
    with_pairs.resize(counted_, items_.cols);
    size_t at = 0;
    for (size_t item = 0; item < items_.rows; ++item) {
      if (item_counts_[item] > 0.0f) std::copy_n(items.row(item), items.cols, with_pairs.row(at++));
    }
    counted = with_pairs;
  }
  solver_ = std::make_unique<AlsSolver>(FixedFactors(items, {counted, counted_}, options_, threads));
}

}  // namespace rec
