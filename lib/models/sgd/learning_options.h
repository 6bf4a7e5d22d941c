// What trainers by gradient steps share: the loss, the optimiser and its schedule.
#pragma once

#include <cstdint>

#include "data/artefact.h"
#include "linalg/optimizer.h"

namespace rec {

// See models/sgd/sequence_loss.h.
enum class SequenceLoss { kSoftmax, kSampledSoftmax, kBce, kGbce };
const char* name_of(SequenceLoss loss);

struct LearningOptions {
  SequenceLoss loss = SequenceLoss::kSoftmax;
  int negatives = 256;             // sampled softmax: of a batch; bce, gbce: of a prediction
  double negative_exponent = 0.0;  // negatives are drawn in proportion to count^negative_exponent
  double calibration = 0.75;       // of gbce
  double dropout = 0.2;
  OptimizerOptions optimizer;
  Schedule schedule;  // its warm-up in steps
  int epochs = 100;
  double clip = 0.0;  // the greatest norm of a step's gradient; 0: any
  uint64_t seed = 1;

  // Losses that compare a prediction with items of its own.
  bool is_pairwise() const { return loss == SequenceLoss::kBce || loss == SequenceLoss::kGbce; }
  // Throws UsageError for a value outside its range.
  void check() const;
  // As the model's meta.
  void write(Artefact& artefact) const;
};

// Throws UsageError "OPTION: ..." unless value >= least; unless value is 0 to 1 (or below).
void check_at_least(const char* option, int value, int least);
void check_share(const char* option, double value, bool below_one);

}  // namespace rec
