// The options of rec-embed fm: of the function of models/fm/fm_net.h, and of how it is learnt.
// Values without shared state.
#pragma once

#include <string>
#include <vector>

#include "models/common/feature_rows.h"
#include "models/sgd/learning_options.h"

namespace rec {

// What pairs of fields add to the logit.
enum class Pairwise {
  kNone,  // nothing
  kFm,    // the inner products of their vectors
  kFwfm,  // these, with a weight for each pair of fields
  kFfm,   // the same of vectors that a category has for each other field
};
inline constexpr Named<Pairwise> kPairwise[] = {
    {"none", Pairwise::kNone}, {"fm", Pairwise::kFm}, {"fwfm", Pairwise::kFwfm}, {"ffm", Pairwise::kFfm}};
inline bool by_field(Pairwise pairwise) { return pairwise == Pairwise::kFwfm || pairwise == Pairwise::kFfm; }

inline constexpr int kMostDim = 1024;

struct FmOptions : LearningOptions {
  // Defaults, without layers and with them (models of layers overfit by their vectors first).
  static constexpr double kRate = 0.01, kRateOfLayers = 0.001;
  static constexpr double kRegularization = 5e-6, kRegularizationOfLayers = 0.01;

  FmOptions() {
    dropout = 0.0;
    schedule.rate = kRate;
    epochs = 30;
    clip = 10.0;
  }

  int dim = 64;  // values of a category's vector; 0: weights alone
  Pairwise pairwise = Pairwise::kFm;
  bool linear = true;       // whether each category has a weight of its own
  std::vector<int> layers;  // hidden layers; empty: none
  bool product = false;     // the second half of a layer's units multiplies the first
  bool batch_norm = true;
  double regularization = kRegularization;  // λ of λ/2·‖E‖², added to the mean loss of a batch
  double stddev = 0.01;                     // of the initial vectors
  int batch = 0;                            // rows of a step; 0: by size, once resolve() knows it
  double rate_decay = 0.1;                  // the learning rate's factor after an epoch that is no better on --valid

  FeatureOptions features{.takes_users = true};

  // Whether categories have vectors that something reads.
  bool has_vectors() const { return dim > 0 && (pairwise != Pairwise::kNone || !layers.empty()); }

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
  // The defaults of a model with layers, for the values that were not given.
  void complete(bool given_rate, bool given_regularization);
  // A batch of 0 becomes a 50th of the rows, 64 to 4096.
  void resolve(size_t rows);
  // Throws UsageError for a value outside its range, or values that do not go together.
  void check() const;
};

}  // namespace rec
