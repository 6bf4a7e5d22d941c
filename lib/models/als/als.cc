#include "models/als/als.h"

#include <algorithm>

#include "base/error.h"
#include "models/als/als_pairs.h"
#include "models/common/popularity.h"

namespace rec {

AlsEncoder::AlsEncoder(const Artefact& artefact) {
  const Artefact::Tensor* items = artefact.find("items.factors");
  const Artefact::Tensor* users = artefact.find("users.factors");
  if (items == nullptr) fail("model: no tensor \"items.factors\"");
  items_ = items->view();
  counted_ = {items_, items_.rows};
  if (users != nullptr) users_ = users->view();
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
  if (has_feature_map(artefact, IdKind::kItem) && counts != nullptr) choose_counted(counts->floats());
  options_ = options_.resolved(counted_.n);
}

// Items without a pair are known by their features alone: no one has left them out.
void AlsEncoder::choose_counted(const float* counts) {
  std::vector<size_t> kept;
  for (size_t item = 0; item < items_.rows; ++item) {
    if (counts[item] > 0.0f) kept.push_back(item);
  }
  if (kept.size() == items_.rows) return;
  chosen_.resize(kept.size(), items_.cols);
  for (size_t at = 0; at < kept.size(); ++at) std::copy_n(items_.row(kept[at]), items_.cols, chosen_.row(at));
  counted_ = {chosen_, kept.size()};
}

bool AlsEncoder::encode_user(uint32_t user, Behaviour& h) const {
  if (user >= users_.rows) return false;
  h.dense.assign(users_.row(user), users_.row(user) + users_.cols);
  return true;
}

bool AlsEncoder::encode_history(const History& history, Behaviour& h) const {
  if (history.item.empty()) return false;
  const AlsHistory pairs = als_history(history, options_);
  static thread_local AlsSolver::Scratch scratch;  // of use to the next history
  h.dense.resize(items_.cols);
  const float* prior = history.described < users_.rows ? users_.row(history.described) : nullptr;
  solver_->solve({pairs.item, pairs.weight, prior}, h.dense.data(), scratch);
  return true;
}

void AlsEncoder::prepare(int threads) {
  if (!solver_) solver_ = std::make_unique<AlsSolver>(FixedFactors(items_, counted_, options_, threads));
}

}  // namespace rec
