// rec-model prune. The options live as long as the command.
#pragma once

#include "cli/options.h"
#include "cli/run_main.h"

namespace rec {

struct PruneOptions {
  CommonOptions common;
  std::string model = "-";
  double min_count = 0.0;
  size_t neighbours = 0;
  double loss = -1.0;
};

void declare_prune(Command& tool, PruneOptions& options);

}  // namespace rec
