// What the subcommands of rec-embed share: the interactions in, the model out.
// Each subcommand is a file of its own that declares its options. rec-tune runs the same subcommands with a
// TrainingHost in place of the files. For one thread.
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
#include "train/training_loop.h"

namespace rec {

struct WantedColumns {
  bool value = false;
  bool timestamp = false;
  bool weight = false;
  const char* value_for = "";  // what needs it, for the error; "": no error where it is not there
  const char* timestamp_for = "";
  bool no_negative = false;   // a value below 0 is an error, for value_for
  bool may_be_empty = false;  // a table without rows is no error
  bool is_private = false;    // how much there is of what is not said
};

// A program that trains many models of the same interactions: it holds them, and keeps each model in place of a file.
class TrainingHost {
 public:
  virtual ~TrainingHost() = default;
  // What reading the FILEs with these columns gives; called once the command line is checked. Throws Error.
  virtual LoadedInteractions load(const WantedColumns& wanted) = 0;
  // A warning of the run, which would go to stderr.
  virtual void warning(const std::string& text) = 0;
  // Called after each epoch; what it throws ends the run.
  virtual void epoch(const TrainingRecord& record) = 0;
  virtual void take(const Artefact& model) = 0;
};

struct EmbedOptions {
  CommonOptions common;
  TrainingHost* host = nullptr;     // nullptr: the files of the command line
  std::vector<std::string> inputs;  // read as one table; none: stdin
  bool takes_weights = false;       // whether --weights is one of its options
  bool weights = false;             // each row counts by its column weight
  bool takes_logs = false;          // whether the FILEs may be logs of shown items, data/policy_log.h

  bool reads_stdin() const { return inputs.empty() || std::find(inputs.begin(), inputs.end(), "-") != inputs.end(); }
  std::string input_names() const { return rec::input_names(inputs.empty() ? std::vector<std::string>{"-"} : inputs); }
};

// Where subcommands are declared.
struct EmbedTool {
  Command& command;
  TrainingHost* host = nullptr;
};

// The host loads, hears warnings, and takes the model. nullptr: nothing changes.
void set_host(EmbedOptions& options, TrainingHost* host);

// A subcommand with a struct of options: its declaration, the check of what the table of
// options cannot see, and what it does with them. complete: sets defaults that depend on
// other options, before any check.
template <class Options>
void embed_command(const EmbedTool& tool, const char* name, const char* text,
                   void (*add)(OptionTable& table, Options& options),
                   void (*check)(const OptionTable& table, Options& options), int (*run)(Options& options),
                   std::shared_ptr<Options> options = std::make_shared<Options>(),
                   void (*complete)(const OptionTable& table, Options& options) = nullptr) {
  Command& command = tool.command.add_command(name, text);
  if constexpr (requires { options->closed_form; }) {
    set_host(options->closed_form.embed, tool.host);
  } else {
    set_host(options->embed, tool.host);
  }
  add(command.options(), *options);
  if (complete != nullptr) command.on_read([=, &command] { complete(command.options(), *options); });
  command.on_run([=, &command] {
    check(command.options(), *options);
    return run(*options);
  });
}

void declare_pop(const EmbedTool& tool);
void declare_als(const EmbedTool& tool);
void declare_content(const EmbedTool& tool);
void declare_ease(const EmbedTool& tool);
void declare_svd(const EmbedTool& tool);
void declare_mf(const EmbedTool& tool);
void declare_fm(const EmbedTool& tool);
void declare_knn(const EmbedTool& tool);
void declare_attention_pool(const EmbedTool& tool);
void declare_neural(const EmbedTool& tool);
void declare_sasrec(const EmbedTool& tool);
void declare_bert4rec(const EmbedTool& tool);

// --weights where it is taken; FILE, the table's options and those of all tools. Call it last: help lists
// options in the order of their declaration.
void add_embed_options(OptionTable& table, EmbedOptions& options);

// What read(path of the first, options) makes of the FILEs, with progress on stderr.
template <class Read>
auto read_inputs(const EmbedOptions& options, const Report& report, Read read) {
  report.reading(options.reads_stdin() ? "-" : options.inputs.front());
  Progress progress("reading", options.common);
  ReadOptions how = options.common.read_options(&progress);
  const std::string first = first_file(options.inputs, how);
  return read(first, how);
}

// Throws Error for a table without rows, or without a wanted column.
LoadedInteractions load_interactions(const EmbedOptions& options, const WantedColumns& wanted, const Report& report);

void write_model(const Artefact& artefact, const EmbedOptions& options, Output& out);

}  // namespace rec
