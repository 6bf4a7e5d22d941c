// Metrics that count the hits within the first k places: a set, not an order.
// h = hits within k, nR = relevant items of the user. Ties play no part beyond
// the order in which they were put. Without @k, k is the length of the list.
// Range [0, 1]; a user without a list gets 0. Thread rule: pure functions.
#pragma once

#include "metrics/ranked_list.h"

namespace rec {

// h / k, also where the list is shorter than k. trec_eval P_k (set_P).
double precision(const RankedList& list, uint32_t k);

// h / nR. trec_eval recall_k (set_recall).
double recall(const RankedList& list, uint32_t k);

// h / min(k, nR), which a perfect list brings to 1 at every k. The "Recall@k" of
// Liang et al. 2018 (arXiv:1802.05814) and the papers after it.
double recall_min(const RankedList& list, uint32_t k);

// 1 if h > 0, else 0. trec_eval success_k; HR@k with one relevant item.
double hit(const RankedList& list, uint32_t k);

// 2h / (k + nR), the harmonic mean of precision and recall. trec_eval set_F.
double f1(const RankedList& list, uint32_t k);

// Precision at nR; the argument k is not used. trec_eval Rprec.
double rprec(const RankedList& list, uint32_t k);

}  // namespace rec
