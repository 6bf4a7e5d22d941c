// The layout of --help: one option a paragraph, "-k N  Text (default 10)", wrapped
// to 80 columns, for every tool alike. Thread rule: a function without state.
#pragma once

#include <string>

#include "cli/command.h"

namespace rec {

// The whole text. is_tool: with --version, which subcommands do not have.
std::string help_text(const Command& command, bool is_tool);

}  // namespace rec
