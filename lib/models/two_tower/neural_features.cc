#include "models/two_tower/neural_features.h"

#include <utility>

namespace rec {

NeuralSide::NeuralSide(SideFeatures its_features, std::vector<char> its_has_pairs)
    : features(std::move(its_features)),
      kind(kinds_of(features.map.names)),
      kinds(kind.empty() ? 0 : *std::max_element(kind.begin(), kind.end()) + size_t{1}),
      has_pairs(std::move(its_has_pairs)),
      longest(0) {
  for (size_t id = 0; id < features.rows.rows(); ++id) longest = std::max(longest, features.rows.row_size(id));
}

}  // namespace rec
