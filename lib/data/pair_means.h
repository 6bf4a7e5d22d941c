// Pairs with the means of their values: what models of explicit values learn from.
#pragma once

#include "data/interactions.h"

namespace rec {

// Users as rows, items as columns, each pair once with the mean of its values for its
// weight. REQUIRES: data has values.
Csr csr_of_means(const Interactions& data);

}  // namespace rec
