// Average precision: precision at the rank of every hit, averaged. The mean over
// users is MAP. Range [0, 1]; a user without a list gets 0. Ties: the order in
// which they were put. Without @k, the whole list. Thread rule: pure functions.
#pragma once

#include "metrics/ranked_list.h"

namespace rec {

// Σ over hits within k of (hits so far / rank), divided by nR. trec_eval
// map_cut_k (map).
double average_precision(const RankedList& list, uint32_t k);

// ln max(average_precision, 1e-5): the logarithm that gm_map averages. trec_eval gm_map.
double log_average_precision(const RankedList& list, uint32_t k);

// The same sum divided by min(k, nR), as in RecBole and most Kaggle contests;
// a perfect list reaches 1 at every k.
double average_precision_min(const RankedList& list, uint32_t k);

}  // namespace rec
