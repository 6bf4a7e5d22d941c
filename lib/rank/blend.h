// Several lists of one user into one. Symbols: M lists, k length of the result; an
// item is its number, a list has each once, best first. Stateless.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"

namespace rec {

using ItemList = std::span<const uint32_t>;

struct Blended {
  uint32_t item;
  uint32_t list;  // that gave it (fusion: the first of those that hold it at their best rank)
  uint32_t at;    // its place there, from 0
  double score;   // fusion: Σ 1 / (c + rank); else 0
};

inline constexpr double kFusionConstant = 60.0;  // c of the paper

// Reciprocal rank fusion (Cormack, Clarke, Büttcher 2009): by Σ over the lists that
// hold the item of 1 / (60 + rank), descending; equal sums by item number.
std::vector<Blended> reciprocal_rank_fusion(std::span<const ItemList> lists, size_t k);

// In turn, each list's best item that is not listed yet; a list that has run out is
// passed over.
std::vector<Blended> round_robin(std::span<const ItemList> lists, size_t k);

// Team-draft interleaving of two lists (Radlinski, Kurup, Joachims 2008): in each
// round a fair coin says which list picks first, and each picks its best item that is not
// listed yet. Ends, as the paper's does, once either list has none left, so that no team
// gains by length.
std::vector<Blended> team_draft(ItemList a, ItemList b, size_t k, Rng& random);

}  // namespace rec
