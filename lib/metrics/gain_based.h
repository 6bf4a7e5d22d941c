// Metrics of graded gains beside ndcg: of rank-biased users, of cascading users, and
// trec_eval's experimental ones. h hits, R = relevant items of the user, n = length of
// the list; ideal = the user's gains, descending. Range [0, 1]; 0 for a user without a
// list or with R = 0. Ties: the order in which they were put. Thread rule: pure
// functions.
#pragma once

#include "metrics/ranked_list.h"

namespace rec {

// Rank-biased precision: (1 - p) Σ gain/m p^(rank - 1), m the user's largest gain or 1
// where that is below 1 (Moffat and Zobel 2008; trec_eval 10 rbp). percent = 100 p.
double rank_biased_precision(const RankedList& list, uint32_t percent);

// Expected reciprocal rank of a user who goes down the list and stops at an item with
// probability s = (2^gain - 1) / 2^m, m the largest gain of the truth: Σ over ranks r
// within k of s_r / r Π over places above of (1 - s) (Chapelle et al. 2009).
double expected_reciprocal_rank_graded(const RankedList& list, uint32_t k);

// Σ over hits of 1 / log2(2 + items above that are not relevant), divided by R.
// trec_eval binG.
double binary_g(const RankedList& list, uint32_t k);

// Σ over hits of gain / log2(2 + cost - gains so far), divided by the sum of the ideal;
// cost: of each place so far the larger of 1 and the ideal's gain. trec_eval G.
double graded_g(const RankedList& list, uint32_t k);

// ndcg at each relevant item, averaged over R; one that is not listed has that of the
// whole list. trec_eval ndcg_rel.
double ndcg_at_relevant(const RankedList& list, uint32_t k);

// ndcg where the ideal's gain changes, and at the end of the list, averaged. trec_eval
// Rndcg.
double ndcg_at_levels(const RankedList& list, uint32_t k);

}  // namespace rec
