// Tables of features for those who go through their ids and look none up: without an index over the ids, which would
// take time and memory. Functions without state.
#pragma once

#include "data/features.h"

namespace rec {

// As read_features(), but FeatureTable::ids must not be asked to find() before index().
FeatureTable read_features_unindexed(const std::string& path, IdKind of, const ReadOptions& options, int threads);

}  // namespace rec
