// Items whose vectors are most alike.
#pragma once

#include <vector>

#include "linalg/top_k.h"
#include "models/inference/model.h"

namespace rec {

// The `top` items with the largest f(x_item, x_j) or, by neighbours, the largest
// weights in the item's row; without the item itself, best first; equal values by
// item number. REQUIRES: item < model.items().size().
std::vector<Scored> similar_items(const Model& model, uint32_t item, ScoreForm form, size_t top);

}  // namespace rec
