// Ranking metrics where equal scores have no order: the mean over all orders of
// every tie, in closed form (McSherry and Najork 2008). Each is the metric of the
// same name where no hit is tied. hits, ideal, k, ranges and users without a list as
// there. Thread rule: pure functions.
// expected_ndcg and expected_ndcg_exp stand in ndcg.h.
// In a tie of m places from `first` on with r hits, a place holds a hit with
// probability r / m.
#pragma once

#include "metrics/ranked_list.h"

namespace rec {

double expected_precision(const RankedList& list, uint32_t k);
double expected_recall(const RankedList& list, uint32_t k);
double expected_recall_min(const RankedList& list, uint32_t k);
double expected_f1(const RankedList& list, uint32_t k);
double expected_rprec(const RankedList& list, uint32_t k);
// 1 - C(m - t, r) / C(m, r) for the tie that k cuts behind its t-th place.
double expected_hit(const RankedList& list, uint32_t k);
// Σ over the first tie with hits of P(the first hit is its i-th place) / rank.
double expected_reciprocal_rank(const RankedList& list, uint32_t k);
// With h hits before the tie: Σ over its places i = 1..m within k of
// (r / m) (h + 1 + (i - 1)(r - 1) / (m - 1)) / (first + i), divided as the metric is.
double expected_average_precision(const RankedList& list, uint32_t k);
double expected_average_precision_min(const RankedList& list, uint32_t k);

}  // namespace rec
