// Weights against popularity bias: a row is as likely to be in a log as its item is popular, so it counts by the
// inverse of that propensity (Saito et al. 2020, Rel-MF). Symbols: I items, n_i the users of item i among the rows
// of train. Thread rule: pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "data/split.h"

namespace rec {

struct PropensityWeights {
  double power = 0.5;  // >= 0
  double clip = 10.0;  // >= 1: no weight is above it
};

// "popularity:0.5": the power. Throws UsageError for any other text; option: what gave it.
double parse_propensity(std::string_view text, std::string_view option);

// For each item min(1 / theta_i, clip), theta_i = (n_i / max n)^power: I numbers from 1 on; clip for an item that train
// lacks. A pair that comes again counts once.
std::vector<double> propensity_weights(const Interactions& data, const Parts& parts, const PropensityWeights& how);

}  // namespace rec
