#include "models/two_tower/neural_features.h"

#include <utility>

namespace rec {

NeuralSide::NeuralSide(SideFeatures its_features, std::vector<char> its_has_pairs)
    : features(std::move(its_features)),
      kind(kinds_of(features.map.names)),
      kinds(kind_count(kind)),
      has_pairs(std::move(its_has_pairs)) {}

}  // namespace rec
