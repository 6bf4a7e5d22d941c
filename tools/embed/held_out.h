// --valid of the models that are trained in one step: their metric on held-out interactions, said on
// stderr and kept in the model.
#pragma once

#include <memory>
#include <string>

#include "embed/embed.h"
#include "train/validation.h"

namespace rec {

struct HeldOutOptions {
  std::string valid;  // held-out interactions; "": none
  std::string metric = "ndcg@10";
};

// --valid, --metric
void add_held_out_options(OptionTable& table, HeldOutOptions& options);
// Throws UsageError.
void check_held_out_options(const HeldOutOptions& options, const EmbedOptions& embed);

// Read before training, so that a bad file costs no time; nullptr without --valid. Says what is wrong with it.
std::unique_ptr<Validation> read_held_out(const HeldOutOptions& options, const EmbedOptions& embed,
                                          const Interactions& train, const Csr& by_user, const Report& report);

// The model with its metric, which is said. validation: may be null, then the model is as it was.
Artefact with_metric(Artefact artefact, const Validation* validation, int threads, const Report& report);

}  // namespace rec
