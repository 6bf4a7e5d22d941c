// The options of subcommands that train by gradient steps, and of those that read
// windows of sequences: declared once.
#pragma once

#include "embed/embed.h"
#include "models/sgd/learning_options.h"
#include "models/sgd/sequence_batches.h"

namespace rec {

// --loss to --clip-norm; batch: --batch. default_loss: for the help.
void add_learning_options(OptionTable& table, LearningOptions& options, int& batch,
                          const char* default_loss = "softmax");
// Throws UsageError for options that the loss does not read.
void check_learning_options(const OptionTable& table, const LearningOptions& options);

void add_dropout_option(OptionTable& table, LearningOptions& options);
void add_window_option(OptionTable& table, int& window);
// --windows, --crop, --reorder, --drop-items
void add_windows_options(OptionTable& table, BatchOptions& batches);
void add_seed_option(OptionTable& table, LearningOptions& options);

}  // namespace rec
