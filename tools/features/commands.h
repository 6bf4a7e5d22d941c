// The subcommands of rec-features, each declared by one function. For one thread.
#pragma once

#include "cli/command.h"

namespace rec {

void declare_text(Command& tool);

}  // namespace rec
