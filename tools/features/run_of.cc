#include "features/run_of.h"

namespace rec {

FeatureRun run_of(const FeatureRun& given, const CommonOptions& common, Progress& progress) {
  FeatureRun run = given;
  run.read = common.read_options(&progress);
  run.output = common.output;
  run.threads = common.jobs();
  run.sync = common.sync;
  run.with_header = [&common](bool has) { return common.with_header(has); };
  return run;
}

}  // namespace rec
