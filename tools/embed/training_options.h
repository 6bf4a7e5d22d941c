// The options of subcommands that train by gradient steps, and of those that read
// windows of sequences: declared once.
#pragma once

#include <optional>

#include "embed/embed.h"
#include "models/sgd/learning_options.h"
#include "models/sgd/sequence_batches.h"
#include "train/fit.h"

namespace rec {

// --loss to --clip-norm; batch: --batch, absent: by size. least_batch, default_loss: for the help.
void add_learning_options(CLI::App& command, LearningOptions& options, std::optional<int>& batch, int least_batch,
                          const char* default_loss = "softmax");
// Resolves a batch that is not given, by the number of users: a 64th, `least` to 256. Says
// the size of the run.
void resolve_batch(std::optional<int> given, int least, const Interactions& data, const LearningOptions& options,
                   BatchOptions& batches, const FitEvents& events);
// Throws UsageError for options that the loss does not read.
void check_learning_options(const CLI::App& command, const LearningOptions& options);

void add_dropout_option(CLI::App& command, LearningOptions& options);
void add_window_option(CLI::App& command, int& window);
// --windows, --crop, --reorder, --drop-items
void add_windows_options(CLI::App& command, BatchOptions& batches);
void add_seed_option(CLI::App& command, LearningOptions& options);

}  // namespace rec
