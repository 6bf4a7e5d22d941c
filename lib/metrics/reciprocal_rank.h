// Reciprocal rank: 1 / rank of the first hit, 0 where there is none within k.
// The mean over users is MRR. trec_eval recip_rank. Range [0, 1]; a user without
// a list gets 0. Ties: the order in which they were put. Thread rule: pure.
#pragma once

#include "metrics/ranked_list.h"

namespace rec {

double reciprocal_rank(const RankedList& list, uint32_t k);

}  // namespace rec
