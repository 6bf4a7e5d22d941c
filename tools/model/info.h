// rec-model info and check: what a model, or interactions in binary, hold. For one thread.
#pragma once

#include "cli/options.h"

namespace rec {

void declare_info(Command& tool);
void declare_check(Command& tool);

}  // namespace rec
