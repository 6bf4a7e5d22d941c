// Fits the Transformer of models/transformer.h to the users' sequences: SASRec (the
// next item) and BERT4Rec (hidden items; Sun et al. 2019, arXiv:1904.06690).
// Symbols: I items, d dimension, P parameters beside the item table.
// The same bits for every number of threads: a batch is cut into slices that depend
// on the batch alone, and what they leave is added in their order.
#pragma once

#include <memory>
#include <string>

#include "data/artefact.h"
#include "data/interactions.h"
#include "linalg/optimizer.h"
#include "models/sequence_batches.h"
#include "models/sequence_loss.h"
#include "models/transformer.h"

namespace rec {

enum class SequenceLoss { kSoftmax, kSampledSoftmax, kBce, kGbce };
const char* name_of(SequenceLoss loss);

struct SequenceOptions {
  TransformerShape shape;
  SequenceLoss loss = SequenceLoss::kSoftmax;
  int negatives = 256;       // sampled softmax: of a batch; bce, gbce: of a prediction
  double sampling = 0.0;     // negatives are drawn in proportion to count^sampling
  double calibration = 0.75; // of gbce
  double dropout = 0.2;
  BatchOptions batches;      // its window and causal are the shape's, its seed this one's
  OptimizerOptions optimizer;
  Schedule schedule;         // its warm-up in steps
  int epochs = 100;
  double clip = 0.0;         // the greatest norm of a step's gradient; 0: any
  uint64_t seed = 1;

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
  // Predictions of the last epoch.
  uint64_t predictions() const;

  Artefact artefact(const Interactions& data) const;
  // The model, and what the optimiser remembers.
  Artefact state(const Interactions& data) const;
  void restore(const Artefact& state);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rec
