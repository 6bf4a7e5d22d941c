// What a ranking metric sees of one user: where in the list the relevant items
// stand, never the list itself, so that a metric costs a few operations a hit.
// Plain data; any number of threads may read it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace rec {

// The cut of a metric that is taken over the whole list.
inline constexpr uint32_t kWholeList = std::numeric_limits<uint32_t>::max();

// A relevant item of the list.
struct Hit {
  uint32_t position;   // from 0, in [0, length)
  double gain;         // > 0
  uint32_t entry = 0;  // which of the user's relevant items it is, from 0
  // Under --ties expected only: the item is anywhere in [position, position + tied),
  // places that hold equal keys.
  uint32_t tied = 1;
};

// A listed item that the truth has, but not as relevant.
struct Miss {
  uint32_t position;  // from 0
  bool judged;        // not relevant; false: in the pool, but not judged (a value below 0)
};

// What stands for 0 under a geometric mean; trec_eval's MIN_GEO_MEAN.
inline constexpr double kLeastOfGeometric = 1e-5;

// REQUIRES: hits ascend by position, strictly but for ties without an order; ideal descends, all of it > 0;
// hits.size() <= ideal.size(). nR stands for ideal.size(); where it is 0, only metrics
// that MetricInfo calls `judged` are asked. misses ascend by position.
// A user without a list has no hits and length 0: every ranking metric is 0.
struct RankedList {
  std::span<const Hit> hits;
  uint32_t length;                // how many items were listed
  std::span<const double> ideal;  // the gains of all the user's relevant items
  // For metrics that MetricInfo calls `judged`; else without misses.
  std::span<const Miss> misses{};
  uint32_t nonrelevant = 0;  // items of the user's truth judged not relevant, listed or not
  double top_gain = 0.0;     // the largest of all users
};

// The number of places that a metric divides by: k even where the list is
// shorter (as trec_eval does), the list's length for kWholeList.
inline uint32_t depth(const RankedList& list, uint32_t k) { return k == kWholeList ? list.length : k; }

// How many of the first k places hold a relevant item.
inline size_t hits_within(const RankedList& list, uint32_t k) {
  const auto end =
      std::partition_point(list.hits.begin(), list.hits.end(), [k](const Hit& hit) { return hit.position < k; });
  return static_cast<size_t>(end - list.hits.begin());
}

// Under --ties expected the hits of a tie share its first place, and a metric is the
// mean over all orders of every tie (McSherry and Najork 2008, "Computing
// Information Retrieval Performance Measures Efficiently in the Presence of Tied
// Scores"). Calls tie(first, size, hits) for each tie with hits, places ascending.
template <class Tie>
void for_each_tie(const RankedList& list, Tie&& tie) {
  for (size_t begin = 0; begin < list.hits.size();) {
    size_t end = begin + 1;
    while (end < list.hits.size() && list.hits[end].position == list.hits[begin].position) ++end;
    tie(list.hits[begin].position, list.hits[begin].tied, list.hits.subspan(begin, end - begin));
    begin = end;
  }
}

// How many of the places [first, first + size) are below k.
inline uint32_t places_within(uint32_t first, uint32_t size, uint32_t k) {
  return k <= first ? 0 : std::min(size, k - first);
}

// One user's value in [0, 1]. REQUIRES: k >= 1 (kWholeList: no cut).
using RankingFunction = double (*)(const RankedList& list, uint32_t k);

}  // namespace rec
