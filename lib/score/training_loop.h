// Epochs with a log, a validation metric and early stopping, for any trainer.
#pragma once

#include <functional>
#include <string>

#include "data/artefact.h"
#include "score/validation.h"

namespace rec {

struct TrainingSteps {
  std::function<void()> epoch;           // one pass; throws Error on divergence
  std::function<double()> objective;     // the training objective now
  std::function<Artefact()> artefact;    // the model now
};

struct TrainingOptions {
  int epochs = 1;
  int patience = 3;    // epochs without a better validation value before it stops
  bool objective = false;  // compute the objective after each epoch
  int threads = 1;
};

// One epoch's line of the log.
struct TrainingRecord {
  int epoch = 0;        // from 1
  double seconds = 0;   // of this epoch's pass alone
  double objective = 0; // 0 unless asked for
  double metric = 0;    // 0 without validation
};

struct TrainingResult {
  Artefact artefact;
  int best_epoch = 0;
  double best_metric = 0;
  bool stopped_early = false;
};

// Without validation: runs all epochs, the last is the model. With it: the epoch
// with the best metric is (the earliest of equals). record is called after each
// epoch. The model is the same for every number of threads.
TrainingResult train(const TrainingSteps& steps, const TrainingOptions& options, const Validation* validation,
                     const std::function<void(const TrainingRecord&)>& record);

}  // namespace rec
