#include "models/knn/similar_users.h"

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace rec {

SimilarUsersEncoder::SimilarUsersEncoder(const Artefact& artefact) : weighing_(artefact) {
  const Artefact::Sparse* histories = artefact.find_sparse(kUserHistory);
  if (histories == nullptr) fail("model: no matrix \"{}\"", kUserHistory);
  histories_ = histories->view;
  const double keep = artefact.number("neighbours-kept");
  if (!(keep >= 1.0 && keep <= static_cast<double>(std::numeric_limits<int>::max())))
    fail("model: meta \"neighbours-kept\": expected at least 1, found {}", keep);
  keep_ = static_cast<size_t>(keep);
  by_item_ = transpose(histories_, artefact.items.size());
  SimilarityOptions options;
  read_options(artefact.meta, options);
  similarities_ = std::make_unique<Similarities>(histories_, by_item_.view(), options);
  nearest_ = std::make_unique<NearestRows>(*similarities_);
}

bool SimilarUsersEncoder::encode(std::span<const uint32_t> item, std::span<const float> value, Behaviour& h) const {
  if (item.empty()) return false;
  thread_local NearestRows::Scratch scratch;
  std::vector<float> entries;
  const Similarities::Terms own = similarities_->terms(item, value, entries);
  std::vector<Scored> found;
  nearest_->find(item, entries, own.left, kNoId, keep_, found, scratch);
  if (found.empty()) return false;
  std::sort(found.begin(), found.end(), [](const Scored& a, const Scored& b) { return a.index < b.index; });
  h.clear();
  for (const Scored& user : found) {
    h.row.push_back(user.index);
    h.weight.push_back(user.score);
  }
  return true;
}

bool SimilarUsersEncoder::encode_user(uint32_t user, Behaviour& h) const {
  return user < histories_.rows() && encode(histories_.row(user), histories_.row_weight(user), h);
}

bool SimilarUsersEncoder::encode_history(const History& history, Behaviour& h) const {
  ItemBag bag = bag_of(history);
  weighing_.weigh(bag);
  return encode(bag.item, bag.value, h);
}

}  // namespace rec
