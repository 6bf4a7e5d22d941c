// The options of rec-embed neural, and the shapes that follow from them. Symbols: F
// factors (dim), D image size.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/artefact.h"
#include "linalg/optimizer.h"
#include "models/common/score_form.h"

namespace rec {

// mse, bce and bpr train the predictor M, the others the attention function g.
enum class NeuralLoss { kMse, kBce, kBpr, kSoftmax, kSampledSoftmax };
const char* name_of(NeuralLoss loss);
constexpr bool trains_attention(NeuralLoss loss) {
  return loss == NeuralLoss::kSoftmax || loss == NeuralLoss::kSampledSoftmax;
}

enum class NegativeSampling { kUniform, kPopularity, kInBatch };
const char* name_of(NegativeSampling sampling);

struct NeuralOptions {
  int dim = 64;
  ScoreForm attention = ScoreForm::kDot;                      // g: dot, scaled, cosine, bilinear, additive, multi-head
  ScoreForm predictor = ScoreForm::kDot;                      // M: dot, sum, mlp
  std::vector<NeuralLoss> loss{NeuralLoss::kSampledSoftmax};  // one of g, one of M, or both
  double mix = 1.0;                                           // weight of M's loss beside g's
  double temperature = 1.0;                                   // τ of g in its loss
  int heads = 4;                                              // of multi-head; a divisor of dim
  std::vector<int> layers{64, 32};                            // hidden layers of mlp
  OptimizerKind optimizer = OptimizerKind::kAdam;
  double rate = 0.003;
  ScheduleKind schedule = ScheduleKind::kConstant;
  int warmup = 0;  // steps
  int epochs = 20;
  int batch = 1024;      // pairs a step
  double reg = 0.0;      // L2 on what a step touches; AdamW: decay
  double dropout = 0.5;  // of the factors of h and x
  double clip = 0.0;     // greatest norm of a step's gradient; 0: any
  int negatives = 128;   // drawn for each slice of a batch
  NegativeSampling sampling = NegativeSampling::kUniform;
  double adversarial = 0.0;  // ε: norm of each row's perturbation; 0: none
  double adversarial_weight = 1.0;
  double stddev = 0.1;  // initial vectors: factors are N(0, stddev²/dim)
  uint64_t seed = 1;

  std::optional<NeuralLoss> attention_loss() const;
  std::optional<NeuralLoss> predictor_loss() const;
  bool draws_negatives() const;  // and not from the batch

  // g and M of the model: what a loss trained; the other follows it, see the .cc.
  ScoreForm model_attention() const;
  ScoreForm model_predictor() const;

  // Throws UsageError for a value outside its range, or forms and losses that do not
  // go together.
  void check() const;
};

// Writes every option that tells one training from another.
void write_neural_options(const NeuralOptions& options, Artefact& artefact);

// The weights of a form as they lie in memory, one behind the other.
struct FormShape {
  ScoreForm form = ScoreForm::kDot;
  size_t factors = 0;          // F
  size_t heads = 1;            // of multi-head
  std::vector<size_t> layers;  // hidden layers of mlp

  FormShape() = default;
  FormShape(ScoreForm form, const NeuralOptions& options);

  size_t image_size() const;  // D
  struct Weight {
    std::string name;   // of the tensor
    size_t rows, cols;  // cols 1: a vector
    size_t offset;
  };
  std::vector<Weight> weights() const;
  size_t weight_count() const;
};

}  // namespace rec
