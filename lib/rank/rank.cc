#include "rank/rank.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <unordered_set>

#include "data/id_hash.h"

namespace rec {
namespace {

bool better(const Candidate& a, const Candidate& b) {
  if (a.score != b.score) return a.score > b.score;
  if (const int order = a.item.compare(b.item); order != 0) return order < 0;
  return a.row < b.row;
}

// Whether no item is there twice: an open-addressed table of candidate numbers,
// at most half full.
bool all_different(std::span<const Candidate> candidates) {
  constexpr uint32_t kFree = UINT32_MAX;
  thread_local std::vector<uint32_t> slots;
  const size_t mask = std::bit_ceil(2 * candidates.size() + 2) - 1;
  slots.assign(mask + 1, kFree);
  for (uint32_t at = 0; at < candidates.size(); ++at) {
    size_t slot = std::hash<std::string_view>()(candidates[at].item) & mask;
    for (; slots[slot] != kFree; slot = (slot + 1) & mask) {
      if (candidates[slots[slot]].item == candidates[at].item) return false;
    }
    slots[slot] = at;
  }
  return true;
}

void add_ids(const IdTable& from, IdTable& to) {
  for (uint32_t id = 0; id < from.size(); ++id) to.intern(from[id]);
}

}  // namespace

void CandidateFilter::allow(const IdTable& items) {
  has_allow_ = true;
  add_ids(items, allowed_);
}

void CandidateFilter::block(const IdTable& items) { add_ids(items, blocked_); }

bool CandidateFilter::admits(std::string_view item) const {
  if (has_allow_ && allowed_.find(item) == kNoId) return false;
  return blocked_.find(item) == kNoId;
}

CandidateFilter::User::User(const CandidateFilter& filter, std::string_view user) : filter_(filter) {
  for (const UserItems& seen : filter.seen_) {
    const auto items = seen.items_of(seen.users.find(user));
    seen_.emplace_back(items.begin(), items.end());
    std::sort(seen_.back().begin(), seen_.back().end());
  }
}

bool CandidateFilter::User::admits(std::string_view item) const {
  for (size_t source = 0; source < seen_.size(); ++source) {
    if (seen_[source].empty()) continue;
    const uint32_t number = filter_.seen_[source].items.find(item);
    if (number != kNoId && std::binary_search(seen_[source].begin(), seen_[source].end(), number)) return false;
  }
  return filter_.admits(item);
}

RankCounts& RankCounts::operator+=(const RankCounts& other) {
  rows_in += other.rows_in;
  rows_out += other.rows_out;
  users += other.users;
  short_lists += other.short_lists;
  filtered += other.filtered;
  duplicates += other.duplicates;
  capped += other.capped;
  near_duplicates += other.near_duplicates;
  pinned += other.pinned;
  unguided += other.unguided;
  without_features += other.without_features;
  without_vector += other.without_vector;
  without_counts += other.without_counts;
  without_users += other.without_users;
  unlisted += other.unlisted;
  users_logged += other.users_logged;
  without_title += other.without_title;
  return *this;
}

void keep_best(std::vector<Candidate>& candidates, size_t k, uint64_t& duplicates) {
  // The common list has no item twice: the first k are the answer.
  if (candidates.size() > k) {
    std::nth_element(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(k), candidates.end(), better);
  }
  const auto middle = candidates.begin() + static_cast<std::ptrdiff_t>(std::min(k, candidates.size()));
  std::sort(candidates.begin(), middle, better);
  if (all_different({candidates.begin(), middle})) {
    candidates.erase(middle, candidates.end());
    return;
  }
  std::sort(middle, candidates.end(), better);
  std::unordered_set<std::string_view, IdHash> listed;
  std::vector<Candidate> best;
  for (auto at = candidates.begin(); at != candidates.end() && best.size() < k; ++at) {
    if (listed.insert(at->item).second) {
      best.push_back(*at);
    } else {
      ++duplicates;
    }
  }
  candidates = std::move(best);
}

}  // namespace rec
