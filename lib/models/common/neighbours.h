// Item-to-item weights S, of which each item keeps the largest: M(h, x_j) =
// Σ_i h_i S_ij over a history h. Symbols: I items, N neighbours kept.
#pragma once

#include <cstddef>
#include <functional>

#include "data/artefact.h"
#include "data/interactions.h"
#include "linalg/matrix.h"

namespace rec {

inline constexpr const char* kItemNeighbours = "items.neighbours";

struct Neighbours {
  Csr weights;          // I × I: row i holds the items j that i speaks for, and S_ij
  double left_out = 0;  // Σ S_ij² over what was cut, as a share of Σ S_ij²
};

// Of every column j of S the N weights of the largest |S_ij| are kept (equal ones:
// those of the lower i); zeros never. columns(first, out): row t of `out` (up to
// kNeighbourColumns × I, whatever it held before) becomes column first + t of S; called from
// several threads. Memory beyond the result: kNeighbourColumns·I floats a thread, and 8
// bytes a weight.
inline constexpr size_t kNeighbourColumns = 192;
Neighbours largest_weights(size_t items, size_t neighbours, int threads,
                           const std::function<void(size_t first, MatrixView out)>& columns);

// Puts S and the function "neighbours" into a model; `kept` is N, for the record.
void add_neighbours(Artefact& artefact, Neighbours neighbours, int kept);

}  // namespace rec
