// The options that every trainer by gradient steps has: what is drawn, how a step moves,
// how many there are. Values without shared state.
#pragma once

#include <cstdint>

#include "data/artefact.h"
#include "linalg/optimizer.h"

namespace rec {

struct LearningOptions {
  int negatives = 256;             // items drawn; for what, the trainer says
  double negative_exponent = 0.0;  // drawn in proportion to count^negative_exponent
  double dropout = 0.2;            // the fraction of values left out at random in training
  OptimizerOptions optimizer;
  Schedule schedule;  // its warm-up in steps
  int epochs = 100;
  double clip = 0.0;  // the greatest norm of a step's gradient; 0: any
  uint64_t seed = 1;

  // Throws UsageError for a value outside its range.
  void check() const;
  // As the model's meta, without the negatives.
  void write(Artefact& artefact) const;
  void write_negatives(Artefact& artefact) const;
};

// See models/sgd/sequence_loss.h.
enum class SequenceLoss { kSoftmax, kSampledSoftmax, kBce, kGbce };
const char* name_of(SequenceLoss loss);

// Those of models that learn from sequences. Negatives are drawn for a batch by sampled
// softmax, for each prediction by bce and gbce.
struct SequenceLearningOptions : LearningOptions {
  SequenceLoss loss = SequenceLoss::kSoftmax;
  double calibration = 0.75;  // of gbce

  bool draws_negatives() const { return loss != SequenceLoss::kSoftmax; }
  // Losses that compare a prediction with items of its own.
  bool is_pairwise() const { return loss == SequenceLoss::kBce || loss == SequenceLoss::kGbce; }
  void check() const;
  void write(Artefact& artefact) const;
};

// Throws UsageError "OPTION: ..." unless value >= least.
void check_at_least(const char* option, int value, int least);
// The same unless value is finite and above 0.
void check_above_zero(const char* option, double value);
// The same unless value is finite and at least 0.
void check_not_negative(const char* option, double value);
// The same unless value is from 0 to 1, or below 1.
void check_fraction(const char* option, double value, bool below_one);

}  // namespace rec
