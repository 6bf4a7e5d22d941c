// The subcommands of rec-model that are files of their own.
#pragma once

#include "cli/command.h"

namespace rec {

void declare_sum(Command& tool);

}  // namespace rec
