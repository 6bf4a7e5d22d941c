// Maximal marginal relevance (Carbonell, Goldstein 1998). Symbols: n candidates, L
// the list so far, λ in [0, 1].
//
//   next = argmax_i  λ rel(i) - (1 - λ) max_{j in L} sim(i, j)       (no L: sim is 0)
#pragma once

#include <memory>
#include <vector>

#include "rank/selector.h"
#include "rank/similarity.h"

namespace rec {

// λ: 1 keeps the order of relevance, 0 looks at similarity alone. `similarity` must
// outlive it. A list of k from n costs k · n similarities.
std::unique_ptr<Selector> make_mmr(const ItemSimilarity& similarity, double lambda);

}  // namespace rec
