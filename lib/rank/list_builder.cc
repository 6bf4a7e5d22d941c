#include "rank/list_builder.h"

#include <algorithm>

#include "rank/relevance.h"

namespace rec {

bool ListBuilder::offer(const std::vector<Candidate>& candidates, size_t candidate, RankCounts& counts) {
  const std::string_view item = candidates[candidate].item;
  const auto verdict = rules_.empty() ? ListRules::Checker::Verdict::kAdmitted : checker_.check(item);
  if (verdict != ListRules::Checker::Verdict::kAdmitted) {
    state_[candidate] = State::kRefused;
    ++(verdict == ListRules::Checker::Verdict::kCapped ? counts.capped : counts.near_duplicates);
    return false;
  }
  state_[candidate] = State::kListed;
  chosen_.push_back(static_cast<uint32_t>(candidate));
  if (!rules_.empty()) checker_.take(item);
  return true;
}

void ListBuilder::build(std::string_view user, std::vector<Candidate>& candidates, size_t k, RankCounts& counts) {
  const size_t n = candidates.size();
  state_.assign(n, State::kOpen);
  chosen_.clear();
  checker_.start();
  pins_.places(user, candidates, k, places_);
  for (const Pins::Place& place : places_) {
    state_[place.candidate] = State::kListed;
    checker_.take(candidates[place.candidate].item);
  }
  counts.pinned += places_.size();
  const size_t others = std::min(k, n) - places_.size();

  if (selector_ != nullptr) {
    const std::span<const Candidate> pool(candidates.data(), std::min(n, std::max(pool_, k)));
    scale_relevance(pool, relevance_);
    selector_->start(user, pool, relevance_);
    for (const Pins::Place& place : places_) {
      if (place.candidate < pool.size()) selector_->take(place.candidate);
    }
    for (bool first = true; chosen_.size() < others; first = false) {
      const std::optional<size_t> next = selector_->best();
      if (!next) {
        counts.unguided += first && pool.size() > places_.size() ? 1 : 0;
        break;
      }
      if (offer(candidates, *next, counts)) {
        selector_->take(*next);
      } else {
        selector_->drop(*next);
      }
    }
  }
  for (size_t candidate = 0; candidate < n && chosen_.size() < others; ++candidate) {
    if (state_[candidate] == State::kOpen) offer(candidates, candidate, counts);
  }

  list_.clear();
  auto pin = places_.begin();
  auto next = chosen_.begin();
  while (pin != places_.end() || next != chosen_.end()) {
    if (pin != places_.end() && (next == chosen_.end() || pin->rank == list_.size() + 1)) {
      list_.push_back(candidates[(pin++)->candidate]);
    } else {
      list_.push_back(candidates[*next++]);
    }
  }
  candidates.swap(list_);
}

}  // namespace rec
