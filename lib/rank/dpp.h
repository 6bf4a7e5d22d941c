// The most probable list of a determinantal point process, found greedily with fast
// Cholesky updates (Chen, Zhang, Zhou 2018, algorithm 1). Symbols: n candidates, k
// list length, S the n × n similarities with 1 on the diagonal, θ in [0, 1].
//
//   next = argmax_i  θ rel(i) + (1 - θ) ln det S(L + i) / det S(L)
//
// which is the paper's kernel Diag(e^(α rel)) S Diag(e^(α rel)), α = θ / 2(1 - θ),
// with the relevance taken out of the determinant, so that no θ overflows. A signed
// similarity s enters S as (1 + s) / 2, so that opposites count as different (0) and
// not as alike; between an item that the similarity does not know and any other S is 0.
#pragma once

#include <memory>

#include "rank/selector.h"
#include "rank/similarity.h"

namespace rec {

// What is left of an item's unit volume below which it counts as spanned by the list.
inline constexpr double kDppFloor = 1e-6;

// θ: 1 keeps the order of relevance, 0 looks at volume alone. `similarity` must
// outlive it. Costs k · n similarities and k² · n / 2 multiplications. best() is
// nothing once det S(L + i) / det S(L) is below kDppFloor for every i: those items
// lie in the span of the list, up to rounding.
std::unique_ptr<Selector> make_dpp(const ItemSimilarity& similarity, double theta);

}  // namespace rec
