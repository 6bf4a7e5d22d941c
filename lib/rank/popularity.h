// Popularity at ranking time (PDA: Zhang et al. 2021, arXiv:2105.06067): the key of a
// candidate is its score, made positive, times n^γ, n the users of the item. Thread rule: pure functions.
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
// gamma >= 0; finite. The name of the result is `name`.
ItemNumbers popularity_factors(const UserItems& log, double gamma, std::string name);

// elu'(s) or s, times the factor; infinite beyond the range of double. REQUIRES: score >= 0 with kPlain.
double popularity_key(double score, double factor, PopularityScores scores);

}  // namespace rec
