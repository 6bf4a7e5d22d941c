// Runs of rec-features in the folder of a test.
#pragma once

#include <string>

#include "features/feature_run.h"
#include "temp_folder.h"

namespace rec {

// Of the file "in", into the file `name`; a header where the input has one, if `with_header`.
inline FeatureRun run_of(const TempFolder& folder, int threads, const std::string& name, bool with_header = false) {
  FeatureRun run;
  run.input = folder.path("in");
  run.output = folder.path(name);
  run.threads = threads;
  run.sync = Sync::kNo;
  run.with_header = [with_header](bool has) { return has && with_header; };
  return run;
}

}  // namespace rec
