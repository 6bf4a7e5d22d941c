// Metrics that tell items that were judged not relevant from items that nobody
// judged: trec_eval's. R = relevant items of the user, N = items judged not relevant,
// n = length of the list. An item whose value in the truth is below 0 is in the pool,
// but not judged. 0 for a user without a list or with R = 0, unless said otherwise.
// Ties: the order in which they were put. Thread rule: pure functions.
#pragma once

#include "metrics/ranked_list.h"

namespace rec {

// Σ over hits of 1 - min(b, R) / min(N, R), b the items judged not relevant above the
// hit (1 where b = 0), divided by R (Buckley and Voorhees 2004). Range [0, 1].
double bpref(const RankedList& list, uint32_t k);

// ln max(bpref, 1e-5): the logarithm that gm_bpref averages.
double log_bpref(const RankedList& list, uint32_t k);

// Inferred average precision of a sampled pool (Yilmaz and Aslam 2006): Σ over hits at
// rank r of 1/r + (r-1)/r · p/(r-1) · (h + ε)/(h + b + 2ε), divided by R; above the hit
// h hits, b items judged not relevant, p items of the pool; ε = 1e-5. Range [0, 1].
double inf_ap(const RankedList& list, uint32_t k);

// Share of the first k places whose item nobody judged; places beyond the list count as
// judged. R plays no part. Range [0, 1].
double unjudged_share(const RankedList& list, uint32_t k);

// Share of the first k places whose item was judged, relevant or not. R plays no part.
// Range [0, 1].
double judged_share(const RankedList& list, uint32_t k);

// The items judged not relevant that are listed. R plays no part.
double nonrelevant_listed(const RankedList& list, uint32_t k);

// How much rbp could grow if all that nobody judged were relevant: p^n + (1 - p) Σ p^i
// over places i from 0 of such items; 0 without any. percent = 100 p. Moffat and Zobel
// 2008.
double rbp_residual(const RankedList& list, uint32_t percent);

}  // namespace rec
