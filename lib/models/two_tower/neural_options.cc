#include "models/two_tower/neural_options.h"

#include <algorithm>

#include "base/error.h"
#include "base/number.h"
#include "models/common/model_meta.h"
#include "models/sgd/run_size.h"

namespace rec {
namespace {

std::optional<NeuralLoss> first_of(const std::vector<NeuralLoss>& losses, bool attention) {
  for (const NeuralLoss loss : losses) {
    if (trains_attention(loss) == attention) return loss;
  }
  return std::nullopt;
}

// The parts of "a,b".
std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::vector<NeuralLoss> losses_of(const std::string& list) {
  std::vector<NeuralLoss> losses;
  for (const std::string& name : parts_of(list)) {
    const std::optional<NeuralLoss> known = value_in(kNeuralLosses, name);
    if (!known)
      fail_usage("--loss: expected {}, or two of them with a comma, found \"{}\"", names_of(kNeuralLosses),
                 printable(name));
    losses.push_back(*known);
  }
  return losses;
}

std::vector<int> layers_of(const std::string& list) {
  std::vector<int> layers;
  for (const std::string& text : parts_of(list)) {
    const std::optional<int> value = parse_integer<int>(text);
    if (!value || *value < 1 || *value > 4096)
      fail_usage("--layers: expected whole numbers from 1 to 4096 with commas between them, found \"{}\"",
                 printable(list));
    layers.push_back(*value);
  }
  return layers;
}

template <class Values, class Text>
std::string joined(const Values& values, Text text) {
  std::string all;
  for (const auto& value : values) all += (all.empty() ? "" : ",") + std::string(text(value));
  return all;
}

std::vector<Named<ScoreForm>> named(std::initializer_list<ScoreForm> forms) {
  std::vector<Named<ScoreForm>> all;
  for (const ScoreForm form : forms) all.push_back({name_of(form), form});
  return all;
}

}  // namespace

void NeuralOptions::describe(OptionTable& table) {
  const auto two_losses = [this] { return loss.size() == 2; };
  const auto draws = [this] { return needs_negatives() && !in_batch; };
  table.add("-d,--dim", dim, "N", "Factors of a user and of an item").range(1, 1024);
  table.add(
      "--loss",
      OptionValue::parsed([this](const std::string& text) { loss = losses_of(text); },
                          [this] { return joined(loss, [](NeuralLoss one) { return name_in(kNeuralLosses, one); }); }),
      "LOSS",
      "What is minimised: softmax or sampled-softmax trains the attention, mse, bce or bpr the predictor; or one "
      "of each, A,B");
  table
      .one_of("--attention", attention,
              named({ScoreForm::kDot, ScoreForm::kScaled, ScoreForm::kCosine, ScoreForm::kBilinear,
                     ScoreForm::kAdditive, ScoreForm::kMultiHead}),
              "Attention function g")
      .not_in_model();
  table
      .one_of("--predictor", predictor, named({ScoreForm::kDot, ScoreForm::kSum, ScoreForm::kMlp}),
              "Prediction model M")
      .not_in_model();
  table.add("--heads", heads, "N", "Heads of --attention multi-head, a divisor of --dim")
      .at_least(1)
      .needs("--attention multi-head", [this] { return attention == ScoreForm::kMultiHead; })
      .not_in_model();
  table
      .add("--layers",
           OptionValue::parsed([this](const std::string& text) { layers = layers_of(text); },
                               [this] { return joined(layers, [](int layer) { return std::to_string(layer); }); }),
           "N,N,...", "Hidden layers of --predictor mlp")
      .needs("--predictor mlp", [this] { return predictor == ScoreForm::kMlp; })
      .not_in_model();
  table.add("--mix", mix, "W", "Weight of the loss of the predictor; that of the attention has 1")
      .above(0)
      .needs("--loss with two losses", two_losses)
      .in_model_if(two_losses);
  table.add("-t,--temperature", temperature, "T", "Softmax temperature in the loss of the attention")
      .above(0)
      .needs("--loss softmax or sampled-softmax", [this] { return attention_loss().has_value(); });
  const OptionTable::Section section(table, "Training");
  table.add("--batch", batch, "N", "Pairs in a mini-batch")
      .range(1, 1 << 20)
      .none(0)
      .default_text("by size, pairs / 256, 64 to 1024");
  table.add("--dropout", dropout, "P", "Fraction of the factors of users and items that a step leaves out")
      .at_least(0)
      .below(1);
  describe_negatives(table, "Negatives drawn for each micro-batch: an eighth of a batch, or 128 pairs of a large one",
                     "--loss sampled-softmax, bce or bpr, without --in-batch", draws);
  table.flag("--in-batch", in_batch, "Take the items of the pairs in the same micro-batch as negatives")
      .needs("--loss sampled-softmax, bce or bpr", [this] { return needs_negatives(); })
      .in_model_if([this] { return needs_negatives(); });
  describe_form(
      table, "--loss softmax, sampled-softmax or bce",
      [this] { return attention_loss() || predictor_loss() == NeuralLoss::kBce; }, "--loss other than mse",
      [this] { return attention_loss() || predictor_loss() != NeuralLoss::kMse; });
  table.add("--adversarial", adversarial, "EPS", "Length of the adversarial steps of each vector; 0: none")
      .at_least(0)
      .in_model_if([this] { return adversarial > 0.0; });
  table.add("--adversarial-weight", adversarial_weight, "W", "Weight of the loss after those steps")
      .above(0)
      .needs("--adversarial", [this] { return adversarial > 0.0; })
      .in_model_if([this] { return adversarial > 0.0; });
  table.heading("Policies out of logs");
  table
      .flag("--propensity", propensity,
            "Learn a policy, softmax over all items, from a log of shown items: user item reward propensity")
      .in_model_if([this] { return propensity; });
  table
      .add("--clip-weight", clip_weight, "C",
           "Largest importance weight of a row of that log, the policy's probability / propensity; 0: any")
      .at_least(0)
      .needs("--propensity", [this] { return propensity; })
      .in_model_if([this] { return propensity; });
  table.heading("Training");
  table.add("--init-std", stddev, "S", "Initial vectors: factors are N(0, S^2/dim)").above(0);
  describe_features(table, features, id_dropout, true);
  describe_steps(table, "by size, 10000 steps, 20 to 200 passes");
}

void NeuralOptions::resolve(size_t pairs, bool given_epochs) {
  if (batch == 0) batch = batch_by_size(pairs, 256, 64, 1024);
  if (!given_epochs) epochs = epochs_by_size(pairs, batch, 10000, 20, 200);
}

std::optional<NeuralLoss> NeuralOptions::attention_loss() const { return first_of(loss, true); }
std::optional<NeuralLoss> NeuralOptions::predictor_loss() const { return first_of(loss, false); }

bool NeuralOptions::needs_negatives() const {
  const auto needs = [](std::optional<NeuralLoss> l) {
    return l && *l != NeuralLoss::kMse && *l != NeuralLoss::kSoftmax;
  };
  return needs(attention_loss()) || needs(predictor_loss());
}

size_t NeuralOptions::micro_batches() const {
  constexpr size_t kLeast = 8, kMost = 32, kPairs = 128;
  return in_batch ? kLeast : std::clamp(static_cast<size_t>(batch) / kPairs, kLeast, kMost);
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
  check_ranges(*this);
  if (propensity && (loss.size() != 1 || loss[0] != NeuralLoss::kSoftmax))
    fail_usage("--propensity learns by --loss softmax alone");
  if (propensity && (form.smoothing > 0.0 || form.reweight > 0.0 || truncation.any() || adversarial > 0.0)) {
    fail_usage(
        "--propensity has a loss of its own: not with --label-smoothing, --reweight-loss, --truncate-loss, "
        "--adversarial");
  }
  if (attention == ScoreForm::kMultiHead && dim % heads != 0)
    fail_usage("--heads: expected a divisor of --dim {}, found {}", dim, heads);
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
