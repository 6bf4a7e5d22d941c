// Fits the Transformer of models/transformer/transformer.h to the users' sequences: SASRec (the
// next item) and BERT4Rec (hidden items; Sun et al. 2019, arXiv:1904.06690).
// Symbols: I items, d dimension, P parameters beside the item table.
// The same bits for every number of threads: a batch is cut into slices that depend
// on the batch alone, and what they leave is added in their order.
#pragma once

#include <memory>
#include <string>

#include "data/artefact.h"
#include "data/interactions.h"
#include "models/sgd/learning_options.h"
#include "models/sgd/sequence_batches.h"
#include "models/sgd/sequence_loss.h"
#include "models/transformer/transformer.h"

namespace rec {

struct SequenceOptions : LearningOptions {
  TransformerShape shape;
  BatchOptions batches;         // its window and causal are the shape's, its seed this one's
  double output_dropout = 0.0;  // of h
  double average = 0.0;  // the model is the weights' moving average, which keeps this share an epoch; 0: the weights

  // Throws UsageError for a value outside its range.
  void check() const;
};

class SequenceTrainer {
 public:
  // Throws Error where there is nothing to predict.
  SequenceTrainer(const Interactions& data, const SequenceOptions& options, int threads);
  ~SequenceTrainer();

  // Bytes it takes, beside the data.
  static size_t memory(const Interactions& data, const SequenceOptions& options, int threads);

  // Throws Error if the loss is no longer finite; the model is then useless.
  void epoch();
  // The mean loss of the last epoch's predictions.
  double objective() const;

  Artefact artefact(const Interactions& data) const;
  // The model, and what the optimiser remembers.
  Artefact state(const Interactions& data) const;
  void restore(const Artefact& state);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rec
