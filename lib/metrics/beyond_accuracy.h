// Metrics of what is listed rather than of what hits. A list cut at k has n items,
// n <= k. Popularity of an item: the users who have it in training. An item that is
// in no source has popularity 0 and no features.
// Thread rule: pure functions.
#pragma once

#include "metrics/item_table.h"

namespace rec {

// Mean of -log2(popularity / training users): the surprise in bits (Zhou et al.
// 2010, self-information). An item that nobody has counts as if one user had it.
// NaN for an empty list. Range [0, log2 of the training users].
double novelty(const ListedItems& list, uint32_t k);

// Mean popularity (ARP; Yin et al. 2012). NaN for an empty list. Range [0, users].
double average_popularity(const ListedItems& list, uint32_t k);

// average_popularity / that of the user's training items - 1: above 0, the list is
// more popular than what the user chose (Abdollahpouri et al. 2019, by user). NaN for
// an empty list and without training items. Range [-1, inf).
double popularity_lift(const ListedItems& list, uint32_t k);

// Mean over pairs of 1 - |A and B| / |A or B| for the items' sets of features
// (intra-list diversity, Ziegler et al. 2005). Items without features are left out;
// NaN where fewer than two are left. Range [0, 1].
double diversity(const ListedItems& list, uint32_t k);

// The same of 1 - cosine of the vectors of feature values.
double diversity_cosine(const ListedItems& list, uint32_t k);

// Share of the listed items that the user has in training, and of those that the user
// has not (Li et al. 2023, "A Next Basket Recommendation Reality Check"). A user without
// training items explores only. NaN for an empty list. Range [0, 1].
double repeat_share(const ListedItems& list, uint32_t k);
double explore_share(const ListedItems& list, uint32_t k);

// Hits within k that are not among the k most popular items, which a trivial
// recommender would list, / k (after Ge, Delgado-Battenfeld and Jannach 2010). Equal
// popularity by item id; without a cut, k is the length of the list. 0 for an empty
// list. Range [0, 1].
double serendipity(const ListedItems& list, uint32_t k);

// Of all lists together; listed: the exposure of each of the catalogue's I items.
// Share of the items that are listed at all (Herlocker et al. 2004). Range [0, 1].
double coverage(std::span<const uint64_t> listed);
// Σ (2 j - I - 1) listed_(j) / (I Σ listed), listed_(j) ascending, j from 1: 0 where
// all items are listed equally often (Gini 1912; Fleder and Hosanagar 2009). Range
// [0, 1 - 1/I]; NaN where none is listed.
double gini(std::span<const uint64_t> listed);
// -Σ p log2 p of the shares of exposure, in bits (Shannon 1948). Range [0, log2 I];
// NaN where none is listed.
double entropy(std::span<const uint64_t> listed);

}  // namespace rec
