// rec-embed's frame for models that are trained in epochs, whatever the trainer:
// the memory it needs, validation, the log, checkpoints, early stopping. For one thread;
// the model is the same for every number of threads that the trainer uses.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "io/output.h"
#include "io/table.h"
#include "train/training_loop.h"

namespace rec {

struct FitOptions {
  std::string valid;               // held-out interactions; "": run all epochs
  std::string metric = "ndcg@10";  // a ranking metric or, with `values`, one of predictions
  int patience = 3;
  std::string log;          // a TSV line an epoch; "": none
  std::string tensorboard;  // a folder for a file of events; "": none
  Sync sync = Sync::kYes;   // of the checkpoint, the log and the events
  std::string checkpoint;   // of TrainingOptions
  bool resume = false;
  bool objective = false;  // compute it even without a log
  // The model has no users of its own: validation encodes their training histories,
  // in time order with values and timestamps.
  bool histories = false;
  // The model predicts values: the metric may be rmse, mse or mae.
  bool values = false;
  ReadOptions side;  // of `valid`
  int threads = 1;
};

// A training before it begins: what its trainer learns from and takes, and how it is made.
struct TrainingPlan {
  Csr by_user;          // U × I: the pairs to learn from, with their weights
  std::string what;     // for messages: "als: a model of 64 factors, 5 users and 7 items"
  std::string size;     // for --verbose: "12 distinct pairs"
  int epochs = 0;       // passes over the data; the most, with `valid`
  uint64_t memory = 0;  // bytes that training takes at most, beside the rows read
  // What is held out has to come after what is learnt from: said where it does not.
  bool predicts_next = false;
  std::map<std::string, std::string> run = {};  // what tells this run from another, beside rows and options
  std::string note = {};                        // said once training is done, if it is not empty
  // Reads what is held out, for a metric that no validation of interactions has; empty: read_validation().
  std::function<std::unique_ptr<Validation>()> validation = {};
  // Makes the trainer of by_user, which it may keep. Called once.
  std::function<std::unique_ptr<Trainer>(Csr by_user)> make;
};

// What is worth telling on the way; all are called from fit's own thread.
struct FitEvents {
  std::function<void(const std::string& text)> warning;
  std::function<void(const std::string& text)> note;
  std::function<void(const std::string& text)> detail;
  std::function<void(uint64_t count, const std::string& file)> bad_lines;
  std::function<void(const TrainingRecord& record)> epoch;
};

// data: the log. The trainer is made last, so that nothing which can fail before takes
// its time: Error where memory is short, where the validation file is malformed or empty,
// or where --log cannot be opened. Throws what the trainer throws, too.
TrainingResult fit(const Interactions& data, TrainingPlan plan, const FitOptions& options, const FitEvents& events);

}  // namespace rec
