// Lists whose mix of categories follows the user's own (Steck 2018). Symbols: H a
// user's history, L the list so far, g a category, λ in [0, 1], α = 0.01.
//
//   p(g)  the mean over H of an item's shares of its categories (its values / their sum)
//   q(g)  the same over L;  q'(g) = (1 - α) q(g) + α p(g)
//   next = argmax_i  (1 - λ) rel(i) - λ KL(p || q'(L + i))
//
// Values v and w are equal where |v - w| <= 1e-12 max(1, |v|), so that the order in which
// a sum runs decides nothing; of equal ones the first candidate is next.
//
// which is the paper's greedy step: the relevance of what is on L already is the same
// for all i. Items without categories count in neither mean.
#pragma once

#include <memory>

#include "data/features.h"
#include "data/user_items.h"
#include "rank/selector.h"

namespace rec {

inline constexpr double kCalibrationTolerance = 1e-12;

// λ: 0 keeps the order of relevance, 1 looks at the mix alone. All must outlive it.
// best() is nothing for a user whose history has no category: p is unknown.
std::unique_ptr<Selector> make_calibration(const IdTable& items, const FeatureKind& kind, const UserItems& history,
                                           double lambda);

}  // namespace rec
