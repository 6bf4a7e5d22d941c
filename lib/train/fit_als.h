// rec-embed als: the trainer of models/als/als_trainer.h in the frame of train/fit.h.
// For one thread.
#pragma once

#include "models/als/als_trainer.h"
#include "train/fit.h"

namespace rec {

struct AlsFitOptions {
  AlsOptions als;
  const Artefact* init = nullptr;  // a model to start from, its ids indexed
  std::string init_name;           // for messages
};

// data, options and events are held until the trainer is made. Throws Error where a
// value is negative under a confidence.
TrainingPlan plan_als(const Interactions& data, const AlsFitOptions& options, std::vector<SideFeatures> features,
                      int threads, const FitEvents& events);

}  // namespace rec
