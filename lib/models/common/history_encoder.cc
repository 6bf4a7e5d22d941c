#include "models/common/history_encoder.h"

#include "base/error.h"
#include "linalg/dot.h"
#include "models/common/popularity.h"

namespace rec {

HistoryWeighing::HistoryWeighing(const Artefact& artefact) {
  const std::string& weight = artefact.text(kHistoryWeight);
  weighted_ = weight != "one";
  const std::optional<Confidence> confidence = value_in(kConfidences, weight);
  if (confidence && *confidence != Confidence::kNone) {
    weight_ = {*confidence, artefact.number("confidence-scale")};
  } else if (weight != "one" && weight != "value") {
    fail("model: meta \"{}\": expected one, value, linear or log, found \"{}\"", kHistoryWeight, printable(weight));
  }
}

void HistoryWeighing::weigh(ItemBag& bag) const {
  if (!weighted_) bag.value.clear();
  if (weight_.confidence == Confidence::kNone) return;
  for (float& value : bag.value) value = confidence_weight(weight_.confidence, weight_.scale, value);
}

HistoryEncoder::HistoryEncoder(const Artefact& artefact, bool dense_alone)
    : items_(artefact.items.size()), weighing_(artefact), dense_alone_(dense_alone) {
  if (const Artefact::Sparse* users = artefact.find_sparse(kUserHistory)) users_ = users->view;
  if (const Artefact::Tensor* source = artefact.find(kItemSource)) source_ = RowTable(*source);
  if (dense_alone_ && source_.cols == 0) fail("model: no tensor \"{}\"", kItemSource);
}

bool HistoryEncoder::encode_user(uint32_t user, Behaviour& h) const {
  if (user >= users_.rows() || users_.row(user).empty()) return false;
  h.clear();
  const auto items = users_.row(user);
  h.row.assign(items.begin(), items.end());
  const auto weight = users_.row_weight(user);
  if (weighing_.weighted()) h.weight.assign(weight.begin(), weight.end());
  add_source(h);
  return true;
}

bool HistoryEncoder::encode_history(const History& history, Behaviour& h) const {
  if (history.item.empty()) return false;
  h.clear();
  ItemBag bag = bag_of(history);
  weighing_.weigh(bag);
  h.row = std::move(bag.item);
  h.weight = std::move(bag.value);
  add_source(h);
  return true;
}

bool HistoryEncoder::encode_parts(const History& history, HistoryParts& parts) const {
  if (history.item.empty()) return false;
  ItemBag bag = bag_of(history);
  weighing_.weigh(bag);
  parts.item = std::move(bag.item);
  parts.weight = std::move(bag.value);
  parts.weight.resize(parts.item.size(), 1.0f);
  parts.part.resize(parts.item.size(), source_.cols);
  parts.rest.clear();
  std::vector<float> decoded(source_.cols);
  for (size_t at = 0; at < parts.item.size(); ++at) {
    const float* source = source_.row(parts.item[at], decoded.data());
    for (size_t f = 0; f < source_.cols; ++f) parts.part(at, f) = parts.weight[at] * source[f];
  }
  if (dense_alone_) parts.weight.clear();
  return true;
}

void HistoryEncoder::add_source(Behaviour& h) const {
  h.dense.assign(source_.cols, 0.0f);
  if (source_.cols == 0) return;
  std::vector<float> decoded(source_.cols);
  for (size_t at = 0; at < h.row.size(); ++at)
    axpy(weight_at(h.weight, at), source_.row(h.row[at], decoded.data()), source_.cols, h.dense.data());
  if (!dense_alone_) return;
  h.row.clear();
  h.weight.clear();
}

Artefact history_artefact(const Interactions& data, const Csr& by_user, const std::string& encoder,
                          const HistoryWeight& weight) {
  Artefact artefact;
  artefact.items = data.items;
  artefact.users = data.users;
  artefact.meta["encoder"] = encoder;
  artefact.meta[kHistoryWeight] = "one";
  if (weight.confidence != Confidence::kNone) {
    artefact.meta[kHistoryWeight] = name_in(kConfidences, weight.confidence);
    artefact.meta["confidence-scale"] = fmt::format("{}", weight.scale);
  }
  artefact.add(kItemCounts, item_counts(by_user, data.items.size()));
  artefact.add_sparse(kUserHistory, by_user);
  return artefact;
}

Artefact history_artefact(const IdTable& items, const std::vector<float>& counts, const std::string& encoder) {
  Artefact artefact;
  artefact.items = items;
  artefact.meta["encoder"] = encoder;
  artefact.meta[kHistoryWeight] = "one";
  artefact.add(kItemCounts, counts);
  return artefact;
}

}  // namespace rec
