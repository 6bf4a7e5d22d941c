// Metrics of predicted values beside those of predictions.h: the order of a user's
// rows, and the variance that is explained. Thread rule: pure functions.
#pragma once

#include "metrics/predictions.h"

namespace rec {

// Fraction of concordant pairs: of all pairs of a user's rows with different labels, the
// share whose predictions have the same order; equal predictions have not. Over users
// Σ concordant / Σ pairs (Koren and Sill 2011; Surprise fcp). Weights are not used. NaN
// without such a pair. Range [0, 1], 1/2 for random predictions. O(N log N).
// REQUIRES: user not empty unless N = 0.
double fcp(const Predictions& rows);
// By user: value[u] the user's share, NaN without a pair; weight[u] the pairs.
UserValues fcp_by_user(const Predictions& rows);

// The plain mean of auc by user, over users with both labels (MIND's group auc; Wu et
// al. 2020). NaN where no user is left. REQUIRES as gauc.
double group_auc(const Predictions& rows);

// Coefficient of determination: 1 - Σ w (y - p)² / Σ w (y - mean of y)². 1 is perfect,
// 0 as good as the mean; NaN where all labels with weight are equal. Range (-∞, 1].
double r2(const Predictions& rows);

}  // namespace rec
