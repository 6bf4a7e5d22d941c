// The options that every trainer by gradient steps has: what is drawn, how a step moves,
// how many there are. Values without shared state.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/option.h"
#include "linalg/optimizer.h"
#include "models/common/feature_rows.h"
#include "models/sgd/loss_form.h"

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
  LossForm form;
  Truncation truncation;

  // The options of the steps, and of the negatives, told to `table`, which refers to this.
  // drawn, needed: whether the loss draws any, and what to say where it does not.
  // epochs_default, rate_default: what --help says of --epochs and --learning-rate in place of the value; "": the
  // value.
  void describe_steps(OptionTable& table, const char* epochs_default = "", const std::string& rate_default = "");
  // Those of losses against labels that are wrong. needed, holds: the losses that have the form, and whether such a one
  // is used; truncates: whether there is one that can be truncated, with needed_truncation.
  void describe_form(OptionTable& table, const char* needed, std::function<bool()> holds, const char* needed_truncation,
                     std::function<bool()> truncates);
  void describe_negatives(OptionTable& table, std::string help, const char* needed, std::function<bool()> drawn);
};

// The options of features and --id-dropout, told to `table`, which refers to both. drops_users: users have ids, too.
void describe_features(OptionTable& table, FeatureOptions& features, double& id_dropout, bool drops_users);

// See models/sgd/sequence_loss.h.
enum class SequenceLoss { kSoftmax, kSampledSoftmax, kBce, kGbce };
inline constexpr Named<SequenceLoss> kSequenceLosses[] = {{"softmax", SequenceLoss::kSoftmax},
                                                          {"sampled-softmax", SequenceLoss::kSampledSoftmax},
                                                          {"bce", SequenceLoss::kBce},
                                                          {"gbce", SequenceLoss::kGbce}};

// Those of models that learn from sequences. Negatives are drawn for a batch by sampled
// softmax, for each prediction by bce and gbce.
struct SequenceLearningOptions : LearningOptions {
  SequenceLoss loss = SequenceLoss::kSoftmax;
  double calibration = 0.75;  // of gbce
  FeatureOptions features{.takes_users = true};
  double id_dropout = 0.1;  // the probability that a step takes an item by its features alone

  bool draws_negatives() const { return loss != SequenceLoss::kSoftmax; }
  // Losses that compare a prediction with items of its own.
  bool is_pairwise() const { return loss == SequenceLoss::kBce || loss == SequenceLoss::kGbce; }
  // The loss and all of the above, but the features.
  void describe(OptionTable& table);
};

}  // namespace rec
