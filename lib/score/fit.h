// rec-embed's work for models that are trained in epochs: weights, validation,
// the log, early stopping. The model is the same for every number of threads.
#pragma once

#include <functional>
#include <string>

#include "io/table.h"
#include "models/als_trainer.h"
#include "score/training_loop.h"

namespace rec {

struct FitOptions {
  AlsOptions als;
  std::string valid;               // held-out interactions; "": run all epochs
  std::string metric = "ndcg@10";  // of kind kRanking
  int patience = 3;
  std::string log;                 // a TSV line an epoch; "": none
  std::string checkpoint;          // of TrainingOptions
  bool resume = false;
  const Artefact* init = nullptr;  // a model to start from, its ids indexed
  std::string init_name;           // for messages
  bool objective = false;          // compute it even without a log
  ReadOptions side;                // of `valid`
  int threads = 1;
};

// What is worth telling on the way; all are called from fit's own thread.
struct FitEvents {
  std::function<void(const std::string& text)> note;
  std::function<void(const std::string& text)> detail;
  std::function<void(uint64_t count, const std::string& file)> bad_lines;
  std::function<void(const TrainingRecord& record)> epoch;
};

// Throws Error where a value is negative under a confidence, where the
// validation file is malformed or empty, and on divergence.
TrainingResult fit_als(const Interactions& data, const FitOptions& options, const FitEvents& events);

}  // namespace rec
