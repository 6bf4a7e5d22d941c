// The features of items and users of a training: read, made ids of the log, made rows.
// What is worth telling goes to `events`. For one thread.
#pragma once

#include <vector>

#include "models/common/feature_rows.h"
#include "train/fit.h"

namespace rec {

// Reads the files of one side. Ids that the log lacks become ids of `data`, without rows.
std::vector<FeatureTable> read_feature_tables(const FeatureOptions& options, IdKind of, const ReadOptions& read,
                                              int threads, Interactions& data, const FitEvents& events);

// Of tables that have been read. Throws Error where they hold no feature, UsageError for a
// weight of a kind that none of `tables` has, unless `others` has it.
SideFeatures fit_side(const FeatureOptions& options, IdKind of, const std::vector<FeatureTable>& tables,
                      const Interactions& data, const FitEvents& events, const std::vector<FeatureTable>& others = {});

// Both at once: of each side that `options` names files of.
std::vector<SideFeatures> read_side_features(const FeatureOptions& options, const ReadOptions& read, int threads,
                                             Interactions& data, const FitEvents& events);

}  // namespace rec
