// rec-embed's frame for models that are trained in epochs, whatever the trainer:
// validation, the log, checkpoints, early stopping. The model is the same for every
// number of threads.
#pragma once

#include <functional>
#include <string>

#include "io/table.h"
#include "train/training_loop.h"

namespace rec {

struct FitOptions {
  int epochs = 1;                  // passes over the data; the most, with `valid`
  std::string valid;               // held-out interactions; "": run all epochs
  std::string metric = "ndcg@10";  // of kind kRanking
  int patience = 3;
  std::string log;         // a TSV line an epoch; "": none
  std::string checkpoint;  // of TrainingOptions
  bool resume = false;
  bool objective = false;  // compute it even without a log
  // The model has no users of its own: validation encodes their training histories,
  // in time order with values and timestamps.
  bool histories = false;
  bool predicts_next = true;  // with histories: what is held out has to come after them
  ReadOptions side;           // of `valid`
  int threads = 1;
};

// What is worth telling on the way; all are called from fit's own thread.
struct FitEvents {
  std::function<void(const std::string& text)> note;
  std::function<void(const std::string& text)> detail;
  std::function<void(uint64_t count, const std::string& file)> bad_lines;
  std::function<void(const TrainingRecord& record)> epoch;
};

// data: the log; by_user: the pairs that the trainer learns from, with their weights.
// make_steps is called once, when the validation file and the log are open; its steps
// hold their trainer. Throws Error where the validation file is malformed or empty,
// and what the steps throw.
TrainingResult fit(const Interactions& data, const Csr& by_user, const FitOptions& options, const FitEvents& events,
                   const std::function<TrainingSteps()>& make_steps);

}  // namespace rec
