// Metrics of the whole list as a set, and counts, trec_eval's. h hits, R = relevant
// items of the user, n = length of the list. The names of trec_eval that are metrics of
// hits.h stand there (set_P is precision, set_recall is recall, set_F is f1, relative_P
// is recall_min, success is hit). k is not used. Thread rule: pure functions.
#pragma once

#include "metrics/ranked_list.h"

namespace rec {

// h² / (n R), 0 without either. Range [0, 1].
double set_map(const RankedList& list, uint32_t k);

// h - (n - h): what is listed rightly less what is listed wrongly.
double utility(const RankedList& list, uint32_t k);

// n, R and h.
double listed(const RankedList& list, uint32_t k);
double relevant(const RankedList& list, uint32_t k);
double relevant_listed(const RankedList& list, uint32_t k);

}  // namespace rec
