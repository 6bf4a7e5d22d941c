// Epochs with a log, a validation metric, early stopping and checkpoints, for any
// trainer.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "data/artefact.h"
#include "io/output.h"
#include "models/common/trainer.h"
#include "train/validation.h"

namespace rec {

struct TrainingOptions {
  int epochs = 1;
  int patience = 3;        // epochs without a better validation value before it stops
  bool objective = false;  // compute the objective after each epoch
  int threads = 1;
  Sync sync = Sync::kYes;  // of the checkpoint
  std::string checkpoint;  // a file that each epoch replaces; "": none
  bool resume = false;     // go on from it, if it is there
  // What tells this run from others beside the model's meta; see train/checkpoint.h.
  std::map<std::string, std::string> run;
};

// One epoch's line of the log.
struct TrainingRecord {
  int epoch = 0;         // from 1
  int most = 0;          // of the run
  double seconds = 0;    // of this epoch's pass alone
  double objective = 0;  // 0 unless asked for
  double metric = 0;     // 0 without validation
};

struct TrainingResult {
  Artefact artefact;
  int best_epoch = 0;
  int most = 0;  // the run's epochs, unless it stops early
  double best_metric = 0;
  bool stopped_early = false;
  // SIGINT ended it, and the artefact is that of the best epoch so far: what to say of that. "": it ran through.
  std::string interrupted;
  int resumed_after = 0;  // the checkpoint's epoch; 0: from the beginning
};

// Without validation (nullptr) all epochs run, and the model is that of the last one.
// With it the model is that of the epoch with the best metric, the earliest of equals.
// record is called after each epoch. The model is the same for every number of threads,
// and for a run that was stopped and resumed any number of times. SIGINT ends it
// after the epoch in which it came, its checkpoint written: with validation the result is the best
// epoch so far, without it Interrupted is thrown; throws Error for a
// checkpoint of another run, and what the trainer throws. The trainer is used up.
TrainingResult train(Trainer& trainer, const TrainingOptions& options, const Validation* validation,
                     const std::function<void(const TrainingRecord&)>& record);

}  // namespace rec
