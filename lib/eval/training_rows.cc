#include "eval/training_rows.h"

#include <algorithm>

namespace rec {

TrainingPairs::TrainingPairs(const Truth& truth, const Interactions& train) : train_(train) {
  const UserItems histories = histories_of(train, truth.users);
  for (uint32_t user = 0; user < truth.users.size(); ++user) {
    const auto items = histories.items_of(histories.users.find(truth.users[user]));
    const auto first = item_.insert(item_.end(), items.begin(), items.end());
    std::sort(first, item_.end());
    begin_.push_back(item_.size());
    for (uint64_t entry = truth.begin[user]; entry < truth.begin[user + size_t{1}]; ++entry)
      of_truth_ += has(user, truth.items[truth.item[entry]]) ? 1 : 0;
  }
}

bool TrainingPairs::has(uint32_t user, std::string_view item) const {
  const uint32_t number = train_.items.find(item);
  return number != kNoId &&
         std::binary_search(item_.begin() + static_cast<ptrdiff_t>(begin_[user]),
                            item_.begin() + static_cast<ptrdiff_t>(begin_[user + size_t{1}]), number);
}

void TrainingRows::expect(size_t pieces) {
  if (counts_.size() < pieces) counts_.resize(pieces);
  if (next_ != nullptr) next_->expect(pieces);
}

void TrainingRows::list(size_t piece, uint32_t user, std::span<const std::string_view> items,
                        std::span<const Hit> hits) {
  if (next_ != nullptr) next_->list(piece, user, items, hits);
  if (user == kNoId) return;
  counts_[piece].rows += items.size();
  for (const std::string_view item : items) counts_[piece].seen += pairs_.has(user, item) ? 1 : 0;
}

uint64_t TrainingRows::rows() const {
  uint64_t sum = 0;
  for (const Counts& counts : counts_) sum += counts.rows;
  return sum;
}

uint64_t TrainingRows::rows_seen() const {
  uint64_t sum = 0;
  for (const Counts& counts : counts_) sum += counts.seen;
  return sum;
}

}  // namespace rec
