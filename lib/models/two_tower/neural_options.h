// The options of rec-embed neural, and the shapes that follow from them. Symbols: F
// factors (dim), D size of a projection. Values without shared state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/artefact.h"
#include "models/common/score_form.h"
#include "models/sgd/learning_options.h"

namespace rec {

// mse, bce and bpr train the predictor M, the others the attention function g.
enum class NeuralLoss { kMse, kBce, kBpr, kSoftmax, kSampledSoftmax };
inline constexpr Named<NeuralLoss> kNeuralLosses[] = {{"mse", NeuralLoss::kMse},
                                                      {"bce", NeuralLoss::kBce},
                                                      {"bpr", NeuralLoss::kBpr},
                                                      {"softmax", NeuralLoss::kSoftmax},
                                                      {"sampled-softmax", NeuralLoss::kSampledSoftmax}};
constexpr bool trains_attention(NeuralLoss loss) {
  return loss == NeuralLoss::kSoftmax || loss == NeuralLoss::kSampledSoftmax;
}

// Negatives are drawn for each micro-batch and shared by its pairs.
struct NeuralOptions : LearningOptions {
  NeuralOptions() {
    negatives = 128;
    dropout = 0.5;  // of the factors of h and x
    schedule.rate = 0.003;
    epochs = 20;
  }

  int dim = 64;
  ScoreForm attention = ScoreForm::kDot;                      // g: dot, scaled, cosine, bilinear, additive, multi-head
  ScoreForm predictor = ScoreForm::kDot;                      // M: dot, sum, mlp
  std::vector<NeuralLoss> loss{NeuralLoss::kSampledSoftmax};  // one of g, one of M, or both
  double mix = 1.0;                                           // weight of M's loss beside g's
  double temperature = 1.0;                                   // τ of g in its loss
  int heads = 4;                                              // of multi-head; a divisor of dim
  std::vector<int> layers{64, 32};                            // hidden layers of mlp
  int batch = 1024;                                           // pairs of a step
  bool in_batch = false;     // the items of a micro-batch are its negatives; none are drawn
  double adversarial = 0.0;  // ε: norm of each row's perturbation; 0: none
  double adversarial_weight = 1.0;
  bool propensity = false;   // the rows are a log of shown items: what is learnt is a policy, softmax g
  double clip_weight = 0.0;  // the largest importance weight of a row; 0: any
  double stddev = 0.1;       // initial vectors: factors are N(0, stddev²/dim)
  FeatureOptions features{.takes_users = true};
  double id_dropout = 0.1;  // the probability that a micro-batch takes an id by its features alone

  std::optional<NeuralLoss> attention_loss() const;
  std::optional<NeuralLoss> predictor_loss() const;
  bool needs_negatives() const;  // drawn, or those of the batch
  // Of a batch: of 128 pairs, but 8 at least and 32 at most, so that many threads share a large one; 8 with in_batch.
  size_t micro_batches() const;

  // g and M of the model: what a loss trained; the other follows it, see the .cc.
  ScoreForm model_attention() const;
  ScoreForm model_predictor() const;

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
  // A batch or epochs of 0 for "by size": a 256th of the pairs, 64 to 1024; the passes that
  // make 10,000 steps, 20 to 200. given_epochs: --epochs says them, 0 or not.
  void resolve(size_t pairs, bool given_epochs);
  // Throws UsageError for a value outside its range, or forms and losses that do not
  // go together.
  void check() const;
};

// The weights of a form as they lie in memory, one behind the other.
struct FormShape {
  ScoreForm form = ScoreForm::kDot;
  size_t factors = 0;          // F
  size_t heads = 1;            // of multi-head
  std::vector<size_t> layers;  // hidden layers of mlp

  FormShape() = default;
  FormShape(ScoreForm form, const NeuralOptions& options);

  size_t projection_size() const;  // D
  struct Weight {
    std::string name;   // of the tensor
    size_t rows, cols;  // cols 1: a vector
    size_t offset;
  };
  std::vector<Weight> weights() const;
  size_t weight_count() const;
};

}  // namespace rec
