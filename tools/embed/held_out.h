// --valid and --metric of the subcommands that train in one step: the model's
// metric on held-out interactions is said on stderr.
#pragma once

#include <memory>
#include <string>

#include "embed/embed.h"
#include "models/neighbours.h"
#include "score/validation.h"

namespace rec {

struct HeldOutOptions {
  std::string valid;
  std::string metric = "ndcg@10";
};

void add_held_out_options(CLI::App& command, HeldOutOptions& options);
void check_held_out_options(const CLI::App& command, const HeldOutOptions& options, const EmbedOptions& embed);

// Read before training, so that a bad file costs no time; nullptr without --valid.
std::unique_ptr<Validation> read_held_out(const HeldOutOptions& options, const EmbedOptions& embed, const Interactions& train,
                                          const Csr& by_user, const Report& report);

// Says what --neighbours N cut off, if anything.
void say_left_out(const Neighbours& neighbours, int kept, const Report& report);

// Says the metric, if there is one to be said, and writes the model.
void validate_and_write(Artefact artefact, const Validation* validation, const EmbedOptions& embed, Output& out, const Report& report);

}  // namespace rec
