// rec-embed als: the epochs of models/als/als_trainer.h in the frame of train/fit.h.
#pragma once

#include "models/als/als_trainer.h"
#include "train/fit.h"

namespace rec {

struct AlsFitOptions {
  AlsOptions als;
  const Artefact* init = nullptr;  // a model to start from, its ids indexed
  std::string init_name;           // for messages
};

// fit.epochs is als.epochs. Throws Error where a value is negative under a
// confidence, on divergence, and as fit().
TrainingResult fit_als(const Interactions& data, const AlsFitOptions& options, const FitOptions& fit,
                       const FitEvents& events);

}  // namespace rec
