// Models with fewer items, neighbours or factors, and what that loses. Functions without state. Symbols: F factors.
#pragma once

#include <cstddef>

#include "data/artefact.h"

namespace rec {

// A pruned model and what was left out.
struct Pruned {
  Artefact model;
  size_t before = 0;  // items, entries of the matrix, or factors
  size_t after = 0;
  double lost = 0.0;  // a share, see below
};

// The model without the items that fewer than `least` users have (the tensor items.count): their rows, and their rows
// and columns of sparse matrices. lost: the share of the counts. Throws Error without items.count or if no item is
// left.
Pruned prune_items(const Artefact& model, double least);

// The matrix that the meta "neighbours" names, with the `most` entries of the greatest |weight| in each row, of equal
// ones those of the lower columns. lost: the share of the sum of squared weights. Throws Error without such a matrix.
Pruned prune_neighbours(const Artefact& model, size_t most);

// The model with the fewest factors whose loss is at most `loss` (0 <= loss < 1), of als and svd. All vectors are
// turned by one orthogonal matrix V, which leaves their products and lengths as they are, so that the columns of the
// items' vectors X, or those of the users' vectors H (svd: items.source), are orthogonal: the energy of all products,
// the sum of (h·x)² over all h and x, is then a sum over factors of |X column|² |H column|². Those of the least energy
// go. Of the two turns the one that leaves fewer factors is taken, of equal ones that which loses less. lost: their
// share of the energy. Double precision, equal energies by the order of V; deterministic. Throws Error for any other
// model.
Pruned prune_factors(const Artefact& model, double loss);

}  // namespace rec
