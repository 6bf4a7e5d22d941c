// New items (users) for a model, by their features alone. Symbols: N items (users), C features.
//
// Where a model has a tensor "item-features.X" (C × F) beside "items.X", the row of an item
// that training had no pair of is Σ_c f_c W_c: f by the model's own map
// (models/common/feature_rows.h), W_c the rows of item-features.X; and where it has a tensor
// "new.items.X" of F values, that besides (or alone, without item-features.X). All other values
// of the item are 0: its count, say.
// For users the same, with "users." and "user-features.".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/artefact.h"
#include "data/features.h"

namespace rec {

struct Extension {
  size_t added = 0;                            // ids that came in
  size_t known = 0;                            // ids that the model has: they stay as they are
  size_t without = 0;                          // ids left out, since the model knows none of their features
  uint64_t unknown = 0;                        // values of categories that the model lacks
  size_t kinds_unknown = 0;                    // kinds of features of which it has no category
  std::vector<std::string> vectors_unknown{};  // those of them that are vectors
};

// Adds the ids of `tables` that the model lacks. Throws Error where it cannot be extended:
// it was trained without such features, or its vectors are no sums of theirs.
Extension extend(Artefact& artefact, IdKind of, const std::vector<FeatureTable>& tables);

}  // namespace rec
