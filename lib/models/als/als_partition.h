// One half step on a part of the rows of one side, given all of the other: the map
// job of a training that is spread over processes or machines. Symbols as in
// models/als/als.h.
#pragma once

#include "data/artefact.h"
#include "data/interactions.h"
#include "linalg/matrix.h"
#include "models/als/als_options.h"

namespace rec {

enum class AlsHalf { kUsers, kItems };

// Users (items) of `data`, which are the rows.
struct AlsSide {
  Csr pairs;                 // with columns that `base` knows, in its numbers
  Matrix factors;            // of rows without such pairs: 0
  size_t unknown_pairs = 0;  // with an item (user) that `base` lacks: left out
};

// Solves for the users (items), as als_part() says.
AlsSide als_side(const Interactions& data, AlsHalf side, const Artefact& base, const AlsOptions& options, int threads);

struct AlsPart {
  // The ids of the part's users (items) in byte order, their factors and, for
  // items, their counts; nothing else.
  Artefact rows;
  size_t unknown_pairs = 0;  // with an item (user) that `base` lacks: left out
  size_t empty_rows = 0;     // users (items) of which no pair is left: left out, too
};

// The users (items) of `data`, solved (with blocks: swept over, from their vectors in
// `base` or zero) against the items (users) of `base`. A row depends on its own pairs
// and on `base` alone: parts put together are the whole. Throws Error if `base` lacks
// the other side's factors, or has not options.dim of them. REQUIRES: base's ids are indexed; under a half-life,
// options.now is set; all pairs of a row are in the same part.
AlsPart als_part(const Interactions& data, AlsHalf side, const Artefact& base, const AlsOptions& options, int threads);

}  // namespace rec
