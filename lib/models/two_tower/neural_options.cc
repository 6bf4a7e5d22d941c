#include "models/two_tower/neural_options.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "models/common/model_meta.h"

namespace rec {
namespace {

void require(bool holds, const char* option, const char* expected, double found) {
  if (!holds) fail_usage("{}: expected {}, found {}", option, expected, found);
}

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

const char* name_of(NegativeSampling sampling) {
  constexpr const char* kNames[] = {"uniform", "popularity", "in-batch"};
  return kNames[static_cast<int>(sampling)];
}

std::optional<NeuralLoss> NeuralOptions::attention_loss() const { return first_of(loss, true); }
std::optional<NeuralLoss> NeuralOptions::predictor_loss() const { return first_of(loss, false); }

bool NeuralOptions::draws_negatives() const {
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
  require(dim >= 1 && dim <= 1024, "--dim", "1 to 1024", dim);
  require(mix > 0.0 && std::isfinite(mix), "--mix", "a number above 0", mix);
  require(temperature > 0.0 && std::isfinite(temperature), "--temperature", "a number above 0", temperature);
  require(heads >= 1, "--heads", "at least 1", heads);
  if (attention == ScoreForm::kMultiHead && dim % heads != 0)
    fail_usage("--heads: expected a divisor of --dim {}, found {}", dim, heads);
  for (const int layer : layers) require(layer >= 1 && layer <= 4096, "--layers", "1 to 4096", layer);
  require(rate > 0.0 && std::isfinite(rate), "--learning-rate", "a number above 0", rate);
  require(warmup >= 0, "--warmup", "at least 0", warmup);
  require(epochs >= 0, "--epochs", "at least 0", epochs);
  require(batch >= 1 && batch <= 1 << 20, "--batch", "1 to 1048576", batch);
  require(reg >= 0.0 && std::isfinite(reg), "--weight-decay", "at least 0", reg);
  require(dropout >= 0.0 && dropout < 1.0, "--dropout", "at least 0 and below 1", dropout);
  require(clip >= 0.0 && std::isfinite(clip), "--clip-norm", "at least 0", clip);
  require(negatives >= 1 && negatives <= 1 << 20, "--negatives", "1 to 1048576", negatives);
  require(adversarial >= 0.0 && std::isfinite(adversarial), "--adversarial", "at least 0", adversarial);
  require(adversarial_weight > 0.0 && std::isfinite(adversarial_weight), "--adversarial-weight", "a number above 0",
          adversarial_weight);
  require(stddev > 0.0 && std::isfinite(stddev), "--init-std", "a number above 0", stddev);
}

void write_neural_options(const NeuralOptions& options, Artefact& artefact) {
  const auto note = [&](const char* key, const auto& value) { artefact.meta[key] = fmt::format("{}", value); };
  std::string losses;
  for (const NeuralLoss loss : options.loss) losses += (losses.empty() ? "" : ",") + std::string(name_of(loss));
  note("loss", losses);
  note("dim", options.dim);
  note("optimizer", name_of(options.optimizer));
  note("learning-rate", options.rate);
  note("schedule", name_of(options.schedule));
  note("warmup", options.warmup);
  note("batch", options.batch);
  note("weight-decay", options.reg);
  note("dropout", options.dropout);
  note("clip-norm", options.clip);
  note("init-std", options.stddev);
  note("seed", options.seed);
  note("temperature", options.temperature);
  if (options.loss.size() == 2) note("mix", options.mix);
  if (options.draws_negatives()) {
    note("sampling", name_of(options.sampling));
    if (options.sampling != NegativeSampling::kInBatch) note("negatives", options.negatives);
  }
  if (options.adversarial > 0.0) {
    note("adversarial", options.adversarial);
    note("adversarial-weight", options.adversarial_weight);
  }
  // A linear or cosine rate depends on how many epochs there are to be.
  if (options.schedule != ScheduleKind::kConstant) note("planned-epochs", options.epochs);
}

FormShape::FormShape(ScoreForm its_form, const NeuralOptions& options)
    : form(its_form),
      factors(static_cast<size_t>(options.dim)),
      heads(its_form == ScoreForm::kMultiHead ? static_cast<size_t>(options.heads) : 1),
      layers(options.layers.begin(), options.layers.end()) {}

size_t FormShape::image_size() const {
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
