// The vectors that als starts from. Symbols as in models/als/als.h. Thread-safe: free functions.
#pragma once

#include <cstddef>
#include <functional>

#include "linalg/matrix.h"
#include "models/als/als_options.h"

namespace rec {

// I × F: N(0, stddev²/F), by the seed, in the order of the items; of items of which `has_pairs` says no, 0.
Matrix als_start(size_t items, const AlsOptions& options, const std::function<bool(size_t)>& has_pairs = nullptr);

}  // namespace rec
