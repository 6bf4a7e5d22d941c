// rec-model quantise. The options live as long as the command.
#pragma once

#include "cli/options.h"
#include "cli/run_main.h"

namespace rec {

struct QuantiseOptions {
  CommonOptions common;
  std::string model = "-";
  std::string type = "int8";
};

void declare_quantise(Command& tool, QuantiseOptions& options);

}  // namespace rec
