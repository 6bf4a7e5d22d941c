// The frame of the subcommands that train in epochs: their shared options, and the
// run from the interactions to the model.
#pragma once

#include <functional>
#include <string>

#include "embed/embed.h"
#include "train/fit.h"

namespace rec {

// --checkpoint, --resume, --valid, --metric, --patience, --log. metric_help: of --metric; "": by what `fit` says.
void add_epoch_options(OptionTable& table, FitOptions& fit, const std::string& metric_help = "");

// Throws UsageError where stdin is more than one of the run's files. other_stdins: how often it is among the further
// inputs of the trainer.
void check_epoch_files(const FitOptions& fit, const EmbedOptions& embed, size_t other_stdins);

// Throws UsageError for other combinations that make no sense, and sets what follows
// from the options of all tools. epochs: what --epochs says.
// check_metric: whether --metric has to be one of interactions.
void check_epoch_options(const OptionTable& table, const EmbedOptions& embed, int epochs, FitOptions& fit,
                         bool check_metric = true);

// Says the size of a run as a detail. Returns a note where its steps are few, else "".
std::string tell_run_size(size_t examples, int batch, int epochs, const char* what, const FitEvents& events);

// Loads the interactions, trains as `plan` of them says, says what came out, and writes the
// model. name: the subcommand's.
int run_epochs(const char* name, const EmbedOptions& embed, const FitOptions& fit, const WantedColumns& wanted,
               const std::function<TrainingPlan(Interactions& data, const FitEvents& events)>& plan);

// The same for a trainer that reads a table of its own; the plan is made once that is read.
int run_epochs(const char* name, const EmbedOptions& embed, const FitOptions& fit,
               const std::function<const Interactions&(const Report& report)>& load,
               const std::function<TrainingPlan(const FitEvents& events)>& plan);

}  // namespace rec
