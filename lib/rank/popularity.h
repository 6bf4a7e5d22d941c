// Popularity at ranking time: the key of a candidate is its score, made positive, times n^γ, n the users of the item.
// γ > 0 lifts what is popular (PDA: Zhang et al. 2021, arXiv:2105.06067). γ < 0 lifts what is rare: for a score that is
// a softmax probability that is logit adjustment after training (Menon et al. 2021, arXiv:2007.07314, eq. 9, τ = -γ).
// Thread rule: pure functions.
#pragma once

#include "data/item_numbers.h"
#include "data/user_items.h"

namespace rec {

// How a score s becomes the positive factor of the product.
enum class PopularityScores {
  kElu,    // elu'(s) = e^s for s <= 0, 1 + s above: increasing, as published. Scores below -745 all give 0
  kPlain,  // s itself, which is at least 0
};

// n^γ for each item of `log`: one column. n: its users; a pair that comes again counts once.
// gamma: finite. The name of the result is `name`.
ItemNumbers popularity_factors(const UserItems& log, double gamma, std::string name);

// The factor of an item that no user of the log has: 0^γ; with γ < 0 that of an item of one user.
double popularity_factor_without_users(double gamma);

// elu'(s) or s, times the factor; infinite beyond the range of double. REQUIRES: score >= 0 with kPlain.
double popularity_key(double score, double factor, PopularityScores scores);

}  // namespace rec
