// Pairs with the means of their rows' values, which models of explicit values learn from, and of their weights.
#pragma once

#include "data/interactions.h"

namespace rec {

// Users as rows, items as columns, each pair once with the mean of its values for its
// weight; with weights of the rows, the mean that these give. REQUIRES: data has values.
Csr csr_of_means(const Interactions& data);

// The weight of each pair, the mean of those of its rows, in the order of csr_by_user(); empty: all 1.
std::vector<float> pair_weights(const Interactions& data, int threads = 1);

// The entries times the roots of the weights of their pairs, not empty: in a product of two columns each user then
// counts by the weight.
Csr times_roots(Csr by_user, const std::vector<float>& weights);

}  // namespace rec
