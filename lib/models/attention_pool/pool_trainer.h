// Fits the attention pool of models/attention_pool/pool.h to the users' sequences. Symbols: I items,
// F factors, P parameters beside the tables.
// The same bits for every number of threads: a batch is cut into slices that depend on
// the batch alone, and what they leave is added in their order.
#pragma once

#include <memory>

#include "data/artefact.h"
#include "data/interactions.h"
#include "models/attention_pool/pool_net.h"
#include "models/sgd/learning_options.h"
#include "models/sgd/sequence_batches.h"

namespace rec {

struct PoolOptions : LearningOptions {
  PoolShape shape;
  PoolSight sight = PoolSight::kBefore;
  BatchOptions batches;  // its window is the shape's, its seed this one's

  PoolOptions() {
    dropout = 0.5;
    schedule.rate = 0.003;
    epochs = 50;
  }

  // Throws UsageError for a value outside its range.
  void check() const;
};

class PoolTrainer {
 public:
  // Throws Error where there is nothing to predict.
  PoolTrainer(const Interactions& data, const PoolOptions& options, int threads);
  ~PoolTrainer();

  // Bytes it takes, beside the data.
  static size_t memory(const Interactions& data, const PoolOptions& options, int threads);

  // Throws Error if the loss is no longer finite; the model is then useless.
  void epoch();
  // The mean loss of the last epoch's predictions.
  double objective() const;

  Artefact artefact(const Interactions& data) const;
  // The model, and what the optimisers remember.
  Artefact state(const Interactions& data) const;
  void restore(const Artefact& state);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rec
