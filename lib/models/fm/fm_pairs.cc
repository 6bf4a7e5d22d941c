#include "models/fm/fm_pairs.h"

#include <algorithm>

#include "models/sgd/network_layers.h"

namespace rec {

float FmPairs::pair(size_t f, const float* e_f, size_t g, const float* e_g) const {
  if (kind == Pairwise::kFfm) return lane_dot(e_f + g * dim, e_g + f * dim, dim);
  return weight[std::min(f, g) * fields + std::max(f, g)] * lane_dot(e_f, e_g, dim);
}

void FmPairs::add(size_t f, const float* e, float* part) const {
  const size_t G = fields - of_item;
  if (kind == Pairwise::kFfm) {
    if (f >= of_item) {
      for (size_t other = 0; other < of_item; ++other) {
        float* to = part + (other * G + f - of_item) * dim;
        for (size_t c = 0; c < dim; ++c) to[c] += e[other * dim + c];
      }
    } else {
      float* to = part + f * G * dim;
      for (size_t c = 0; c < G * dim; ++c) to[c] += e[of_item * dim + c];
    }
    return;
  }
  for (size_t g = 0; g < G; ++g) {
    if (f >= of_item && f != of_item + g) continue;
    const float r = f >= of_item ? 1.0f : weight[f * fields + of_item + g];
    for (size_t c = 0; c < dim; ++c) part[g * dim + c] += r * e[c];
  }
}

}  // namespace rec
