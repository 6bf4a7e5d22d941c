#include "score/user_vectors.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/parallel_for.h"
#include "models/common/history_encoder.h"
#include "models/common/popularity.h"

namespace rec {

const char* name_of(Fallback fallback) {
  switch (fallback) {
    case Fallback::kModel:
      break;
    case Fallback::kAverage:
      return "average";
    case Fallback::kPopular:
      return "popular";
    case Fallback::kZero:
      return "zero";
    case Fallback::kSkip:
      return "skip";
  }
  return "";
}

KnownHistory known_history(const UserItems& histories, uint32_t user, const std::vector<uint32_t>& number_of) {
  const auto [first, last] = histories.range(user);
  std::vector<size_t> order(last - first);
  std::iota(order.begin(), order.end(), first);
  if (!histories.timestamp.empty()) {
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return histories.time(a) < histories.time(b); });
  }
  KnownHistory known;
  for (const size_t entry : order) {
    const uint32_t item = number_of[histories.item[entry]];
    if (item == kNoId) continue;
    known.item.push_back(item);
    if (!histories.value.empty()) known.value.push_back(histories.value[entry]);
    if (!histories.timestamp.empty()) known.timestamp.push_back(histories.timestamp[entry]);
  }
  return known;
}

UserVectors::UserVectors(Model& model, const UserItems* histories, Fallback fallback, int threads, bool refold,
                         bool by_features)
    : model_(model),
      histories_(histories),
      fallback_(fallback),
      dim_(model.encoder().dim()),
      refold_(refold && histories != nullptr),
      by_features_(by_features) {
  Behaviour average;
  knows_everyone_ = model.encoder().encode_user(kNoId, average);
  const bool has_average = model.encoder().encode_unknown(average);
  if (fallback_ == Fallback::kModel) fallback_ = has_average ? Fallback::kAverage : Fallback::kPopular;
  if (fallback_ == Fallback::kAverage && !has_average)
    fail("the model has no average user, as --fallback average needs; give popular, zero or skip");
  if (fallback_ == Fallback::kPopular && model.item_counts() == nullptr)
    fail("the model has no item counts, as --fallback popular needs; give zero or skip");
  stored_histories_ = model.artefact().find_sparse(kUserHistory);
  if (histories == nullptr) return;
  number_of_ = match_ids(histories->items, model.items());
  for (const uint32_t item : histories->item) unknown_history_items_ += number_of_[item] == kNoId;
  folded_row_.assign(histories->users.size(), kNoId);
  std::vector<uint32_t> absent;
  for (uint32_t user = 0; user < histories->users.size(); ++user) {
    const bool known = model.knows_rows_of(model.users().find(histories->users[user]));
    if (!known || refold_) absent.push_back(user);
    kept_ += known && !refold_ ? 1 : 0;
  }
  if (absent.empty()) return;
  model.encoder().prepare(threads);
  std::vector<Behaviour> encoded(absent.size());
  std::vector<char> said_something(absent.size(), 0);
  constexpr size_t kUsersPerTask = 64;
  parallel_for((absent.size() + kUsersPerTask - 1) / kUsersPerTask, threads, [&](size_t task, int) {
    const size_t end = std::min(absent.size(), (task + 1) * kUsersPerTask);
    for (size_t at = task * kUsersPerTask; at < end; ++at) {
      const KnownHistory known = known_history(*histories, absent[at], number_of_);
      const uint32_t number = model.users().find(histories->users[absent[at]]);
      model_.artefact().verify_user(number);
      const History history{.item = known.item,
                            .value = known.value,
                            .timestamp = known.timestamp,
                            .described = model.knows_rows_of(number) ? kNoId : number};
      said_something[at] = model.encoder().encode_history(history, encoded[at]);
    }
  });
  for (size_t at = 0; at < absent.size(); ++at) {
    if (!said_something[at]) continue;
    folded_row_[absent[at]] = static_cast<uint32_t>(folded_.size());
    folded_.push_back(std::move(encoded[at]));
  }
}

const std::vector<float>& UserVectors::popularity() const {
  std::call_once(popularity_made_,
                 [this] { popularity_ = popularity_scores(model_.item_counts(), model_.items().size()); });
  return popularity_;
}

size_t UserVectors::own_items(std::string_view user, std::span<const Scored> items) const {
  std::vector<uint32_t> own;
  if (histories_ != nullptr) {
    for (const uint32_t item : histories_->items_of(histories_->users.find(user))) own.push_back(number_of_[item]);
  }
  const uint32_t number = stored_histories_ == nullptr ? kNoId : model_.users().find(user);
  if (number < (stored_histories_ == nullptr ? 0 : stored_histories_->view.rows())) {
    const auto row = stored_histories_->view.row(number);
    own.insert(own.end(), row.begin(), row.end());
  }
  if (own.empty()) return 0;
  std::sort(own.begin(), own.end());
  return static_cast<size_t>(std::count_if(items.begin(), items.end(), [&own](const Scored& scored) {
    return std::binary_search(own.begin(), own.end(), scored.index);
  }));
}

UserKind UserVectors::find(std::string_view user, std::span<const uint32_t> items, Behaviour& h) const {
  if (!items.empty()) {
    const uint32_t known = model_.users().find(user);
    model_.artefact().verify_user(known);
    const History history{
        .item = items, .value = {}, .timestamp = {}, .described = model_.knows_rows_of(known) ? kNoId : known};
    if (std::as_const(model_).encoder().encode_history(history, h)) return UserKind::kFolded;
  }
  return find(user, h);
}

UserKind UserVectors::find(std::string_view user, Behaviour& h) const {
  const auto fold = [&] {
    const uint32_t number = histories_ == nullptr ? kNoId : histories_->users.find(user);
    if (number == kNoId || folded_row_[number] == kNoId) return false;
    h = folded_[folded_row_[number]];
    return true;
  };
  const uint32_t known = model_.users().find(user);
  model_.artefact().verify_user(known);
  if ((refold_ || !model_.knows_rows_of(known)) && fold()) return UserKind::kFolded;
  const bool described = known != kNoId && !model_.knows_rows_of(known);
  if ((by_features_ || !described) && model_.encoder().encode_user(known, h))
    return described ? UserKind::kDescribed : UserKind::kKnown;
  if (fold()) return UserKind::kFolded;
  switch (fallback_) {
    case Fallback::kModel:
    case Fallback::kAverage:
      model_.encoder().encode_unknown(h);
      return UserKind::kAverage;
    case Fallback::kPopular:
      return UserKind::kPopular;
    case Fallback::kSkip:
      return UserKind::kSkipped;
    case Fallback::kZero:
      break;
  }
  h.clear();
  h.dense.assign(dim_, 0.0f);
  return UserKind::kZero;
}

}  // namespace rec
