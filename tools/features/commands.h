// The subcommands of rec-features, each declared by one function. For one thread.
#pragma once

#include "cli/command.h"

namespace rec {

void declare_text(Command& tool);
void declare_graph(Command& tool);
void declare_join(Command& tool);
void declare_numbers(Command& tool);
void declare_stats(Command& tool);
void declare_reduce(Command& tool);

}  // namespace rec
