#include "rank/blend.h"

#include <algorithm>
#include <tuple>
#include <unordered_set>

namespace rec {
namespace {

// A list's items that nobody has listed yet, best first.
class Picker {
 public:
  Picker(std::span<const ItemList> lists, std::vector<Blended>& out)
      : lists_(lists), next_(lists.size(), 0), out_(out) {}

  // Passes over what is listed; false if the list has nothing left.
  bool has_next(uint32_t list) {
    while (next_[list] < lists_[list].size() && listed_.contains(lists_[list][next_[list]])) ++next_[list];
    return next_[list] < lists_[list].size();
  }
  // REQUIRES: has_next(list) said so.
  void pick(uint32_t list) {
    const uint32_t item = lists_[list][next_[list]];
    listed_.insert(item);
    out_.push_back({item, list, next_[list], 0.0});
  }

 private:
  std::span<const ItemList> lists_;
  std::vector<uint32_t> next_;
  std::unordered_set<uint32_t> listed_;
  std::vector<Blended>& out_;
};

}  // namespace

std::vector<Blended> reciprocal_rank_fusion(std::span<const ItemList> lists, size_t k) {
  std::vector<Blended> places;
  for (uint32_t list = 0; list < lists.size(); ++list) {
    for (uint32_t at = 0; at < lists[list].size(); ++at) places.push_back({lists[list][at], list, at, 0.0});
  }
  // Each item's best place first; then equal ranks in other lists sum to equal bits.
  std::sort(places.begin(), places.end(), [](const Blended& a, const Blended& b) {
    return std::tie(a.item, a.at, a.list) < std::tie(b.item, b.at, b.list);
  });
  std::vector<Blended> all;
  for (const Blended& place : places) {
    if (all.empty() || all.back().item != place.item) all.push_back(place);
    all.back().score += 1.0 / (kFusionConstant + static_cast<double>(place.at + 1));
  }
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(std::min(k, all.size()));
  std::partial_sort(all.begin(), middle, all.end(), [](const Blended& a, const Blended& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  });
  all.erase(middle, all.end());
  return all;
}

std::vector<Blended> round_robin(std::span<const ItemList> lists, size_t k) {
  std::vector<Blended> out;
  Picker picker(lists, out);
  for (bool any = true; any && out.size() < k;) {
    any = false;
    for (uint32_t list = 0; list < lists.size() && out.size() < k; ++list) {
      if (!picker.has_next(list)) continue;
      picker.pick(list);
      any = true;
    }
  }
  return out;
}

std::vector<Blended> team_draft(ItemList a, ItemList b, size_t k, Rng& random) {
  const ItemList lists[] = {a, b};
  std::vector<Blended> out;
  Picker picker(lists, out);
  while (out.size() < k) {
    const auto first = static_cast<uint32_t>(random.below(2));
    for (const uint32_t list : {first, 1 - first}) {
      if (out.size() == k) break;
      if (!picker.has_next(0) || !picker.has_next(1)) return out;
      picker.pick(list);
    }
  }
  return out;
}

}  // namespace rec
