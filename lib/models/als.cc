#include "models/als.h"

#include <algorithm>

#include "base/error.h"

namespace rec {

AlsEncoder::AlsEncoder(const Artefact& artefact) {
  const Artefact::Tensor* items = artefact.find("items.factors");
  const Artefact::Tensor* users = artefact.find("users.factors");
  if (items == nullptr) fail("model: no tensor \"items.factors\"");
  items_ = items->view();
  if (users != nullptr) users_ = users->view();
  if (users != nullptr && users_.cols != items_.cols) fail("model: users have {} factors, items {}", users_.cols, items_.cols);
  options_.dim = static_cast<int>(items_.cols);
  options_.unobserved_weight = artefact.number("unobserved-weight");
  options_.regularization = artefact.number("reg");
  options_.exponent = artefact.number("reg-exponent");
  options_.confidence = confidence_of(artefact.text("confidence"));
  options_.confidence_scale = artefact.number("confidence-scale");
}

bool AlsEncoder::encode_user(uint32_t user, Behaviour& h) const {
  if (user >= users_.rows) return false;
  h.dense.assign(users_.row(user), users_.row(user) + users_.cols);
  return true;
}

bool AlsEncoder::encode_history(const History& history, Behaviour& h) const {
  if (history.item.empty()) return false;
  ItemBag bag = bag_of(history);
  if (options_.confidence == Confidence::kNone) {
    bag.value.clear();
  } else {
    for (float& value : bag.value) value = options_.weight(value);
  }
  h.dense.resize(items_.cols);
  AlsSolver::Scratch scratch;
  solver_->solve({bag.item, bag.value}, h.dense.data(), scratch);
  return true;
}

void AlsEncoder::prepare(int threads) {
  if (!solver_) solver_ = std::make_unique<AlsSolver>(items_, options_, threads);
}

}  // namespace rec
