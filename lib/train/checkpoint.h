// A training run between two epochs, as a model file: its model is that of the last
// epoch, beside it stand the best epoch's and what the loop has to know. Written
// as safetensors whatever the file's name. For one thread.
#pragma once

#include <map>
#include <set>
#include <string>

#include "data/artefact.h"
#include "io/output.h"

namespace rec {

struct Checkpoint {
  // Of the trainer after `epoch`; it names all its options in meta, and what it counts
  // under keys "progress.": these are no options, and the model has none of them.
  Artefact state;
  int epoch = 0;
  int best_epoch = 0;  // 0: none yet
  double best_metric = 0;
  Artefact best;  // the model of best_epoch; empty where that is 0
  // What the run was told that `state` does not hold: name of the option, value.
  std::map<std::string, std::string> run;
};

// Writes beside `path` and renames: complete, or what stood there stays. Throws Error.
void write_checkpoint(const Checkpoint& checkpoint, const std::string& path, int threads, Sync sync = Sync::kYes);

// Throws Error for a file that is no checkpoint, or damaged.
Checkpoint read_checkpoint(const std::string& path, int threads);

// What tells one run from another.
struct RunIdentity {
  std::map<std::string, std::string> meta;  // of the trainer's model, in any epoch
  std::set<std::string> learnt;             // the keys of it that say nothing, as they are learnt
  std::map<std::string, std::string> run;   // Checkpoint::run
};

// Throws Error "FILE: ..." naming the first option in which `identity` is not that of the
// run that wrote `checkpoint`. `epochs` may differ: a run may go on for longer.
void check_same_run(const Checkpoint& checkpoint, const RunIdentity& identity, const std::string& path);

}  // namespace rec
