// Items that are most like a given one. Thread rule: functions without state.
#pragma once

#include <vector>

#include "linalg/top_k.h"
#include "models/inference/model.h"

namespace rec {

// The `top` items j with the largest f(x_item, x_j) or, by neighbours, with the largest
// weights in the item's row of S; best first, equal values by item number. `item` itself is
// left out, and so are the items j with left_out[j], where it is not empty. Throws Error where a value is not finite,
// and UsageError where the model does not compare items by `form`. REQUIRES: item < model.items().size().
std::vector<Scored> similar_items(const Model& model, uint32_t item, ScoreForm form, size_t top,
                                  const std::vector<bool>& left_out = {});

}  // namespace rec
