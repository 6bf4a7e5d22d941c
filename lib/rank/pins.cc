#include "rank/pins.h"

#include <algorithm>
#include <tuple>

namespace rec {

bool Pins::add(std::string_view user, std::string_view item, uint32_t rank) {
  const uint32_t its_user = user.empty() ? kNoId : users_.intern(user);
  return rank_.emplace(key(its_user, items_.intern(item)), rank).second;
}

void Pins::places(std::string_view user, std::span<const Candidate> candidates, size_t k,
                  std::vector<Place>& places) const {
  struct Wish {
    uint32_t rank;
    bool for_everyone;
    std::string_view item;
    uint32_t candidate;
  };
  std::vector<Wish> wishes;
  const uint32_t its_user = users_.find(user);
  for (uint32_t at = 0; at < candidates.size(); ++at) {
    const uint32_t item = items_.find(candidates[at].item);
    if (item == kNoId) continue;
    auto found = its_user == kNoId ? rank_.end() : rank_.find(key(its_user, item));
    const bool own = found != rank_.end();
    if (!own) found = rank_.find(key(kNoId, item));
    if (found != rank_.end()) wishes.push_back({found->second, !own, candidates[at].item, at});
  }
  std::sort(wishes.begin(), wishes.end(), [](const Wish& a, const Wish& b) {
    return std::tie(a.rank, a.for_everyone, a.item) < std::tie(b.rank, b.for_everyone, b.item);
  });
  places.clear();
  uint32_t free = 1;
  for (const Wish& wish : wishes) {
    const uint32_t rank = std::max(free, wish.rank);
    if (rank > k) break;
    places.push_back({rank, wish.candidate});
    free = rank + 1;
  }
}

}  // namespace rec
