#include "models/two_tower/neural_options.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "models/common/model_meta.h"
#include "models/sgd/parameter.h"

namespace rec {
namespace {

std::optional<NeuralLoss> first_of(const std::vector<NeuralLoss>& losses, bool attention) {
  for (const NeuralLoss loss : losses) {
    if (trains_attention(loss) == attention) return loss;
  }
  return std::nullopt;
}

}  // namespace

const char* name_of(NeuralLoss loss) {
  constexpr const char* kNames[] = {"mse", "bce", "bpr", "softmax", "sampled-softmax"};
  return kNames[static_cast<int>(loss)];
}

std::optional<NeuralLoss> NeuralOptions::attention_loss() const { return first_of(loss, true); }
std::optional<NeuralLoss> NeuralOptions::predictor_loss() const { return first_of(loss, false); }

bool NeuralOptions::needs_negatives() const {
  const auto needs = [](std::optional<NeuralLoss> l) {
    return l && *l != NeuralLoss::kMse && *l != NeuralLoss::kSoftmax;
  };
  return needs(attention_loss()) || needs(predictor_loss());
}

// A g that no loss trained is M where M is a function of both vectors, h·x beside the
// sum form.
ScoreForm NeuralOptions::model_attention() const {
  if (attention_loss()) return attention;
  return predictor == ScoreForm::kSum ? ScoreForm::kDot : predictor;
}

// An M that no loss trained ranks as g does, by e^h·x where g is a multiple of h·x: a
// product with the attention wants a positive M. bce makes σ(M) a probability.
ScoreForm NeuralOptions::model_predictor() const {
  if (predictor_loss())
    return predictor == ScoreForm::kDot && *predictor_loss() == NeuralLoss::kBce ? ScoreForm::kLogistic : predictor;
  return attention == ScoreForm::kDot || attention == ScoreForm::kScaled ? ScoreForm::kExp : attention;
}

void NeuralOptions::check() const {
  if (loss.empty() || loss.size() > 2 || (loss.size() == 2 && trains_attention(loss[0]) == trains_attention(loss[1]))) {
    fail_usage("--loss: expected one of softmax and sampled-softmax, one of mse, bce and bpr, or one of each");
  }
  if (!attention_loss() && attention != ScoreForm::kDot) {
    fail_usage("--attention {} is trained by --loss softmax or sampled-softmax", name_of(attention));
  }
  if (!predictor_loss() && predictor != ScoreForm::kDot)
    fail_usage("--predictor {} is trained by --loss mse, bce or bpr", name_of(predictor));
  check_range("--dim", dim, 1, 1024);
  check_above_zero("--mix", mix);
  check_above_zero("--temperature", temperature);
  check_at_least("--heads", heads, 1);
  if (attention == ScoreForm::kMultiHead && dim % heads != 0)
    fail_usage("--heads: expected a divisor of --dim {}, found {}", dim, heads);
  for (const int layer : layers) check_range("--layers", layer, 1, 4096);
  LearningOptions::check();
  check_range("--batch", batch, 1, 1 << 20);
  check_range("--negatives", negatives, 1, 1 << 20);
  check_not_negative("--adversarial", adversarial);
  check_above_zero("--adversarial-weight", adversarial_weight);
  check_above_zero("--init-std", stddev);
}

void write_neural_options(const NeuralOptions& options, Artefact& artefact) {
  const auto note = [&](const char* key, const auto& value) { artefact.meta[key] = fmt::format("{}", value); };
  std::string losses;
  for (const NeuralLoss loss : options.loss) losses += (losses.empty() ? "" : ",") + std::string(name_of(loss));
  note("loss", losses);
  note("dim", options.dim);
  options.write(artefact);
  note("batch", options.batch);
  note("init-std", options.stddev);
  note("temperature", options.temperature);
  if (options.loss.size() == 2) note("mix", options.mix);
  if (options.needs_negatives()) {
    note("in-batch", options.in_batch ? 1 : 0);
    if (!options.in_batch) options.write_negatives(artefact);
  }
  if (options.adversarial > 0.0) {
    note("adversarial", options.adversarial);
    note("adversarial-weight", options.adversarial_weight);
  }
}

FormShape::FormShape(ScoreForm its_form, const NeuralOptions& options)
    : form(its_form),
      factors(static_cast<size_t>(options.dim)),
      heads(its_form == ScoreForm::kMultiHead ? static_cast<size_t>(options.heads) : 1),
      layers(options.layers.begin(), options.layers.end()) {}

size_t FormShape::projection_size() const {
  if (form == ScoreForm::kSum) return 1;
  return form == ScoreForm::kMlp ? layers[0] : factors;
}

std::vector<FormShape::Weight> FormShape::weights() const {
  std::vector<Weight> all;
  size_t offset = 0;
  const auto add = [&](std::string name, size_t rows, size_t cols) {
    all.push_back({std::move(name), rows, cols, offset});
    offset += rows * cols;
  };
  switch (form) {
    case ScoreForm::kBilinear:
      add(kBilinearWeight, factors, factors);
      break;
    case ScoreForm::kAdditive:
      add(kAdditiveUser, factors, factors);
      add(kAdditiveItem, factors, factors);
      add(kAdditiveWeight, factors, 1);
      break;
    case ScoreForm::kMultiHead:
      add(kHeadsUser, factors, factors);
      add(kHeadsItem, factors, factors);
      break;
    case ScoreForm::kSum:
      add(kSumWeight, factors, 1);
      add(kSumBias, 1, 1);
      break;
    case ScoreForm::kMlp:
      for (size_t layer = 0; layer <= layers.size(); ++layer) {
        const size_t inputs = layer == 0 ? 2 * factors : layers[layer - 1];
        const size_t outputs = layer == layers.size() ? 1 : layers[layer];
        add(mlp_weight(layer + 1), outputs, inputs);
        add(mlp_bias(layer + 1), outputs, 1);
      }
      break;
    default:
      break;
  }
  return all;
}

size_t FormShape::weight_count() const {
  size_t count = 0;
  for (const Weight& weight : weights()) count += weight.rows * weight.cols;
  return count;
}

}  // namespace rec
