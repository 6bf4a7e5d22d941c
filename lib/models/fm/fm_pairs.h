// The pairs of fields that rec-embed fm --pairwise fwfm and ffm add to the logit, split between the user's side, its
// context and the item's, so that what crosses from side to side is an inner product. Symbols: F fields of W values,
// the last G of them the item's; d values of a vector.
//   fwfm  Σ_{f<g} r_fg e_f·e_g                W = d      (field-weighted, Pan et al. 2018)
//   ffm   Σ_{f<g} e_f^(g)·e_g^(f)             W = F·d    (field-aware, Juan et al. 2016): a vector for each other field
// With user fields f and item fields g:
//   fwfm  h has Σ_f r_fg e_f for each g, x has e_g                     P = G·d
//   ffm   h has e_f^(g) for each f and g, x has e_g^(f) in that order  P = (F - G)·G·d
// Immutable and thread-safe.
#pragma once

#include <cstddef>
#include <vector>

#include "models/fm/fm_options.h"

namespace rec {

// r, F × F: what is above the diagonal.
inline constexpr const char* kFmPairs = "pairs.weight";

struct FmPairs {
  Pairwise kind = Pairwise::kNone;  // by_field()
  size_t fields = 0;                // F
  size_t of_item = 0;               // F - G
  size_t dim = 0;                   // d
  const float* weight = nullptr;    // r; of fwfm

  size_t width() const { return kind == Pairwise::kFfm ? fields * dim : dim; }  // W
  size_t size() const {                                                         // P
    return (kind == Pairwise::kFfm ? of_item : 1) * (fields - of_item) * dim;
  }
  // What the fields f and g, f != g, add by their values (W each).
  float pair(size_t f, const float* e_f, size_t g, const float* e_g) const;
  // Adds the values of field f to its side's part of h or x, P values.
  void add(size_t f, const float* e, float* part) const;
};

}  // namespace rec
