// What the subcommands of rec-embed share: the interactions in, the model out.
// Each subcommand is a file of its own that declares its options.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "cli/options.h"
#include "data/artefact.h"
#include "data/interactions_tsv.h"

namespace rec {

struct EmbedOptions {
  CommonOptions common;
  std::string input = "-";
};

// A subcommand and what it does once its options are read.
struct EmbedCommand {
  CLI::App* command;
  std::function<int()> run;
};

// One with a struct of options: its declaration, its check and what it does with them.
template <class Options>
EmbedCommand embed_command(CLI::App& app, const char* name, const char* text,
                           void (*add)(CLI::App& command, Options& options),
                           void (*check)(const CLI::App& command, Options& options),
                           int (*run)(const Options& options)) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(name, text);
  add(*command, *options);
  return {command, [=] {
            check(*command, *options);
            return run(*options);
          }};
}

EmbedCommand declare_pop(CLI::App& app);
EmbedCommand declare_als(CLI::App& app);
EmbedCommand declare_ease(CLI::App& app);
EmbedCommand declare_svd(CLI::App& app);
EmbedCommand declare_mf(CLI::App& app);
EmbedCommand declare_knn(CLI::App& app);
EmbedCommand declare_pool(CLI::App& app);
EmbedCommand declare_neural(CLI::App& app);
EmbedCommand declare_sasrec(CLI::App& app);
EmbedCommand declare_bert4rec(CLI::App& app);

// FILE, the table's options and those of all tools. Call it last: help lists
// options in the order of their declaration.
void add_embed_options(CLI::App& command, EmbedOptions& options);

struct WantedColumns {
  bool value = false;
  bool timestamp = false;
  const char* value_for = "";  // what needs it, for the error; "": no error where it is not there
  const char* timestamp_for = "";
  bool may_be_empty = false;  // a table without rows is no error
};
// Throws Error for a table without rows, or without a wanted column.
LoadedInteractions load_interactions(const EmbedOptions& options, const WantedColumns& wanted, const Report& report);

void write_model(const Artefact& artefact, const EmbedOptions& options, Output& out);

}  // namespace rec
