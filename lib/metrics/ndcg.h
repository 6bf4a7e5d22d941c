// Normalised discounted cumulative gain: DCG / ideal DCG, both cut at k, with
// the discount log2(rank + 1), rank from 1. The ideal list holds all the user's
// relevant items, listed or not, by gain. Range [0, 1]; a user without a list
// gets 0. Without @k neither is cut. Jarvelin and Kekalainen 2002.
// Thread rule: pure functions.
#pragma once

#include "metrics/ranked_list.h"

namespace rec {

// Linear gain: Σ gain / log2(rank + 1). trec_eval ndcg_cut_k (ndcg).
double ndcg(const RankedList& list, uint32_t k);

// Exponential gain: Σ (2^gain - 1) / log2(rank + 1). Burges et al. 2005. The
// same as ndcg where every gain is 1.
double ndcg_exp(const RankedList& list, uint32_t k);

// The means over all orders of ties: each place of a tie has its mean gain
// (McSherry and Najork 2008).
double expected_ndcg(const RankedList& list, uint32_t k);
double expected_ndcg_exp(const RankedList& list, uint32_t k);

}  // namespace rec
