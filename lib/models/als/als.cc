#include "models/als/als.h"

#include <algorithm>

#include "base/error.h"
#include "models/als/als_pairs.h"

namespace rec {

AlsEncoder::AlsEncoder(const Artefact& artefact) {
  const Artefact::Tensor* items = artefact.find("items.factors");
  const Artefact::Tensor* users = artefact.find("users.factors");
  if (items == nullptr) fail("model: no tensor \"items.factors\"");
  items_ = items->view();
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
  options_ = options_.resolved(items_.rows);
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
  solver_->solve({pairs.item, pairs.weight}, h.dense.data(), scratch);
  return true;
}

void AlsEncoder::prepare(int threads) {
  if (!solver_) solver_ = std::make_unique<AlsSolver>(items_, options_, threads);
}

}  // namespace rec
