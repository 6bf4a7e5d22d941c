// The command line of rec-embed als: declared, checked, and joined with the options
// of the model given by --init.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "embed/embed.h"
#include "embed/statistics_options.h"
#include "models/als/als_partition.h"
#include "privacy/privacy_options.h"
#include "train/fit_als.h"
#include "train/private_als_parts.h"

namespace rec {

struct AlsCommand {
  EmbedOptions embed;
  FitOptions fit;
  AlsFitOptions als;
  std::string init_path;           // a model; "": none
  std::unique_ptr<Artefact> init;  // its content, once adopt_init() has read it
  std::optional<AlsHalf> side;     // one half step alone
  StatisticsOptions statistics;
  PrivacyOptions privacy;
  PrivateLeft private_left = PrivateLeft::kShared;
  bool private_start = false;          // --dp-start
  std::optional<PrivateAlsPlan> plan;  // that of --init, for sums
};

// With those of add_embed_options().
void add_als_options(OptionTable& table, AlsCommand& options);

// Reads --init and takes from it the options that were not given. Throws UsageError where
// the two do not go together.
void adopt_init(const OptionTable& table, AlsCommand& options);

// Throws UsageError for combinations that make no sense.
void check_als_options(const OptionTable& table, AlsCommand& options);

}  // namespace rec
