// Interactions scaled by the activity of their user and the popularity of their
// item. Symbols: U users, I items; C_u, C_i the sums of a user's, an item's weights
// (their number where all weights are 1).
#pragma once

#include <vector>

#include "data/interactions.h"

namespace rec {

struct Normalized {
  Csr by_user;                   // X̃_ui = C_u^-a x_ui C_i^-b
  std::vector<double> item_sum;  // C_i

  // C_i^exponent for each item; 1 for an item without pairs.
  std::vector<double> item_powers(double exponent) const;
};

// Both exponents 0 leave X as it is, all-1 weights included.
Normalized normalized(const Csr& by_user, size_t items, double user_exponent, double item_exponent);

}  // namespace rec
