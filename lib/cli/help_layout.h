// The layout of --help: one option a paragraph, "-k N  Text (default 10)", wrapped
// to 80 columns, for every tool alike. Thread rule: stateless.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>

namespace rec {

// A formatter for CLI::App::formatter(); subcommands inherit it.
std::shared_ptr<CLI::FormatterBase> help_layout();

}  // namespace rec
