// The command line of rec-embed als: declared, checked, and joined with the options
// of the model given by --init.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "embed/embed.h"
#include "models/als/als_partition.h"
#include "train/fit_als.h"

namespace rec {

struct AlsCommand {
  EmbedOptions embed;
  FitOptions fit;
  AlsFitOptions als;
  std::string init;             // a model; "": none
  std::optional<AlsHalf> side;  // one half step alone
};

void add_als_options(CLI::App& command, AlsCommand& options);

// Reads --init, takes from it the options that were not given, and throws UsageError
// for combinations that make no sense. Returns the model, or nullptr.
std::unique_ptr<Artefact> check_als_options(const CLI::App& command, AlsCommand& options);

}  // namespace rec
