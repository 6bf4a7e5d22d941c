// What the subcommands of rec-embed share: the interactions in, the model out.
// Each subcommand is a file of its own that declares its options.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/options.h"
#include "data/artefact.h"
#include "data/interactions_tsv.h"
#include "io/fd.h"

namespace rec {

struct EmbedOptions {
  CommonOptions common;
  std::vector<std::string> inputs;  // read as one table; none: stdin

  bool reads_stdin() const { return inputs.empty() || std::find(inputs.begin(), inputs.end(), "-") != inputs.end(); }
  std::string input_names() const { return rec::input_names(inputs.empty() ? std::vector<std::string>{"-"} : inputs); }
};

// A subcommand with a struct of options: its declaration, the check of what the table of
// options cannot see, and what it does with them. complete: sets defaults that depend on
// other options, before any check.
template <class Options>
void embed_command(Command& tool, const char* name, const char* text, void (*add)(OptionTable& table, Options& options),
                   void (*check)(const OptionTable& table, Options& options), int (*run)(Options& options),
                   std::shared_ptr<Options> options = std::make_shared<Options>(),
                   void (*complete)(const OptionTable& table, Options& options) = nullptr) {
  Command& command = tool.add_command(name, text);
  add(command.options(), *options);
  if (complete != nullptr) command.on_read([=, &command] { complete(command.options(), *options); });
  command.on_run([=, &command] {
    check(command.options(), *options);
    return run(*options);
  });
}

void declare_pop(Command& tool);
void declare_als(Command& tool);
void declare_content(Command& tool);
void declare_ease(Command& tool);
void declare_svd(Command& tool);
void declare_mf(Command& tool);
void declare_fm(Command& tool);
void declare_knn(Command& tool);
void declare_attention_pool(Command& tool);
void declare_neural(Command& tool);
void declare_sasrec(Command& tool);
void declare_bert4rec(Command& tool);

// FILE, the table's options and those of all tools. Call it last: help lists
// options in the order of their declaration.
void add_embed_options(OptionTable& table, EmbedOptions& options);

struct WantedColumns {
  bool value = false;
  bool timestamp = false;
  const char* value_for = "";  // what needs it, for the error; "": no error where it is not there
  const char* timestamp_for = "";
  bool no_negative = false;   // a value below 0 is an error, for value_for
  bool may_be_empty = false;  // a table without rows is no error
  bool is_private = false;    // how much there is of what is not said
};
// Throws Error for a table without rows, or without a wanted column.
LoadedInteractions load_interactions(const EmbedOptions& options, const WantedColumns& wanted, const Report& report);

void write_model(const Artefact& artefact, const EmbedOptions& options, Output& out);

}  // namespace rec
