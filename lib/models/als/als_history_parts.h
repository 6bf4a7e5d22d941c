// What each item of a history adds to the vector that als folds in from it: the decomposition
// of Hu, Koren and Volinsky 2008, section 5. Symbols as in models/als/als.h; r the ridge of the
// user.
//
//   x = Σ_j c_j W y_j + r W m,   W = (α0 YᵀY + Σ_j c_j y_j y_jᵀ + r I)⁻¹
//
// So the score x·y_i is the sum of c_j y_jᵀ W y_i over the history. In double, by Cholesky.
// A function of its arguments, for any thread.
#pragma once

#include "models/als/fixed_factors.h"
#include "models/common/encoder.h"

namespace rec {

// Sets parts.part (a row for each pair: c_j W y_j) and parts.rest (r W m; empty without a prior).
// Throws Error where the system is not positive definite.
void als_history_parts(const FixedFactors& side, const AlsPairs& pairs, HistoryParts& parts);

}  // namespace rec
