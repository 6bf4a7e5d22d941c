// Where a command of rec-features reads and writes, from its options.
#pragma once

#include "cli/options.h"
#include "cli/run_main.h"
#include "features/feature_run.h"

namespace rec {

// given: what the command's own options say of the run. common: outlives the result, as does `progress`.
FeatureRun run_of(const FeatureRun& given, const CommonOptions& common, Progress& progress);

}  // namespace rec
