// The options of subcommands that train by gradient steps, and of those that read
// windows of sequences: declared once.
#pragma once

#include "embed/embed.h"
#include "models/sgd/learning_options.h"
#include "models/sgd/sequence_batches.h"

namespace rec {

// --loss to --clip-norm; batch: --batch. default_loss: for the help.
void add_learning_options(CLI::App& command, SequenceLearningOptions& options, int& batch,
                          const char* default_loss = "softmax");
// Throws UsageError for options that the loss does not read.
void check_learning_options(const CLI::App& command, const SequenceLearningOptions& options);

void add_dropout_option(CLI::App& command, LearningOptions& options);
void add_window_option(CLI::App& command, int& window);
// --windows, --crop, --reorder, --drop-items
void add_windows_options(CLI::App& command, BatchOptions& batches);
void add_seed_option(CLI::App& command, LearningOptions& options);

}  // namespace rec
