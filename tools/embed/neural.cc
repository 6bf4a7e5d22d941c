// rec-embed neural: attention and predictor learnt together, by gradient steps.
#include "models/two_tower/neural_trainer.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "base/number.h"
#include "data/pair_means.h"
#include "embed/epochs.h"

namespace rec {
namespace {

struct Options {
  EmbedOptions embed;
  FitOptions fit;
  NeuralOptions neural;
  std::string loss = "sampled-softmax";
  std::string layers = "64,32";
};

std::vector<std::string> split(const std::string& list) {
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

template <class Value, size_t N>
std::vector<Named<Value>> named(const Value (&values)[N]) {
  std::vector<Named<Value>> choices;
  for (const Value value : values) choices.push_back({name_of(value), value});
  return choices;
}

constexpr NeuralLoss kLosses[] = {NeuralLoss::kMse, NeuralLoss::kBce, NeuralLoss::kBpr, NeuralLoss::kSoftmax,
                                  NeuralLoss::kSampledSoftmax};
constexpr ScoreForm kAttentions[] = {ScoreForm::kDot,      ScoreForm::kScaled,   ScoreForm::kCosine,
                                     ScoreForm::kBilinear, ScoreForm::kAdditive, ScoreForm::kMultiHead};
constexpr ScoreForm kPredictors[] = {ScoreForm::kDot, ScoreForm::kSum, ScoreForm::kMlp};
constexpr OptimizerKind kOptimizers[] = {OptimizerKind::kSgd, OptimizerKind::kAdagrad, OptimizerKind::kAdam,
                                         OptimizerKind::kAdamW};
constexpr ScheduleKind kSchedules[] = {ScheduleKind::kConstant, ScheduleKind::kLinear, ScheduleKind::kCosine};
constexpr NegativeSampling kSamplings[] = {NegativeSampling::kUniform, NegativeSampling::kPopularity,
                                           NegativeSampling::kInBatch};

void add_options(OptionTable& table, Options& options) {
  NeuralOptions& neural = options.neural;
  table.add("-d,--dim", neural.dim, "N", "Factors, 1 to 1024");
  table.add("--loss", options.loss, "LOSS",
            "What is minimised: softmax or sampled-softmax trains the attention, mse, bce or bpr the predictor; "
            "or one of each, A,B");
  table.one_of<ScoreForm, ScoreForm>("--attention", neural.attention, named(kAttentions), "Attention function g");
  table.one_of<ScoreForm, ScoreForm>("--predictor", neural.predictor, named(kPredictors), "Prediction model M");
  table.add("--heads", neural.heads, "N", "Heads of --attention multi-head, a divisor of --dim");
  table.add("--layers", options.layers, "N,N,...", "Hidden layers of --predictor mlp");
  table.add("--mix", neural.mix, "W", "Weight of the predictor's loss beside the attention's");
  table.add("-t,--temperature", neural.temperature, "T", "Softmax temperature of the attention's loss");
  table.add("-e,--epochs", neural.epochs, "N", "Passes over the data; the most, with --valid");
  table.add("--batch", neural.batch, "N", "Pairs a step");
  table.one_of<OptimizerKind, OptimizerKind>("--optimizer", neural.optimizer, named(kOptimizers),
                                             "How a step moves the weights");
  table.add("--learning-rate", neural.rate, "R", "Learning rate, the highest");
  table.one_of<ScheduleKind, ScheduleKind>("--schedule", neural.schedule, named(kSchedules),
                                           "The rate over all epochs");
  table.add("--warmup", neural.warmup, "N", "Steps in which the rate rises to its height");
  table.add("--weight-decay", neural.reg, "L", "L2 regularisation of what a step touches; with adamw, decay");
  table.add("--dropout", neural.dropout, "P", "Share of the factors of users and items that a step leaves out");
  table.add("--clip-norm", neural.clip, "C", "Greatest norm of a step's gradient; 0: any");
  table.one_of<NegativeSampling, NegativeSampling>("--sampling", neural.sampling, named(kSamplings),
                                                   "Where negatives come from");
  table.add("--negatives", neural.negatives, "N", "Negatives drawn for each slice, an eighth, of a batch");
  table.add("--adversarial", neural.adversarial, "EPS",
            "Train against steps of this length of each vector, too; 0: none");
  table.add("--adversarial-weight", neural.adversarial_weight, "W", "Weight of the loss after those steps");
  table.add("--init-std", neural.stddev, "S", "Initial vectors: factors are N(0, S^2/dim)");
  table.add("--seed", neural.seed, "N", "Seed of the initial weights, the order of the pairs, and draws");
  add_epoch_options(table, options.fit);
  add_embed_options(table, options.embed);
}

void parse_lists(Options& options) {
  options.neural.loss.clear();
  for (const std::string& name : split(options.loss)) {
    const auto found =
        std::find_if(std::begin(kLosses), std::end(kLosses), [&](NeuralLoss loss) { return name == name_of(loss); });
    if (found == std::end(kLosses))
      fail_usage("--loss: expected mse, bce, bpr, softmax or sampled-softmax, found \"{}\"", printable(name));
    options.neural.loss.push_back(*found);
  }
  options.neural.layers.clear();
  for (const std::string& text : split(options.layers)) {
    const std::optional<int> value = parse_integer<int>(text);
    if (!value)
      fail_usage("--layers: expected numbers with commas between them, found \"{}\"", printable(options.layers));
    options.neural.layers.push_back(*value);
  }
}

void check_options(const OptionTable& table, Options& options) {
  parse_lists(options);
  const NeuralOptions& neural = options.neural;
  neural.check();
  option_needs(table, "--heads", "--attention multi-head", neural.attention == ScoreForm::kMultiHead);
  option_needs(table, "--layers", "--predictor mlp", neural.predictor == ScoreForm::kMlp);
  option_needs(table, "--mix", "--loss with two losses", neural.loss.size() == 2);
  option_needs(table, "--temperature", "--loss softmax or sampled-softmax", neural.attention_loss().has_value());
  option_needs(table, "--sampling", "--loss sampled-softmax, bce or bpr", neural.draws_negatives());
  option_needs(table, "--negatives", "--loss sampled-softmax, bce or bpr", neural.draws_negatives());
  option_needs(table, "--negatives", "--sampling uniform or popularity", neural.sampling != NegativeSampling::kInBatch);
  option_needs(table, "--adversarial-weight", "--adversarial", neural.adversarial > 0.0);
  options.fit.epochs = neural.epochs;
  check_epoch_files(options.fit, options.embed);
  check_epoch_options(table, options.embed, options.fit);
}

TrainingResult train_neural(const Options& options, const Interactions& data, const FitEvents& events) {
  const NeuralOptions& neural = options.neural;
  const bool values = neural.predictor_loss() == NeuralLoss::kMse;
  const Csr by_user = values ? csr_of_means(data) : csr_by_user(data, {});
  return fit(data, by_user, options.fit, events, [&]() -> TrainingSteps {
    events.detail(
        fmt::format("{} distinct pairs; parameters and optimiser take {:.1f} MiB", by_user.entries(),
                    static_cast<double>(NeuralTrainer::memory(by_user, data.items.size(), neural)) / 1048576.0));
    const auto trainer = std::make_shared<NeuralTrainer>(by_user, data.items.size(), neural, options.fit.threads);
    return {[trainer] { trainer->epoch(); },
            [trainer] { return trainer->objective(); },
            [trainer, &data] { return trainer->artefact(data); },
            {},
            [trainer, &data] { return trainer->state(data); },
            [trainer](const Artefact& state) { trainer->restore(state); }};
  });
}

int run_neural(const Options& options) {
  WantedColumns wanted;
  wanted.value = options.neural.predictor_loss() == NeuralLoss::kMse;
  wanted.value_for = "--loss mse";
  return run_epochs(
      "neural", options.embed, options.fit, wanted,
      [&](const Interactions& data, const FitEvents& events) { return train_neural(options, data, events); });
}

}  // namespace

void declare_neural(Command& tool) {
  embed_command<Options>(tool, "neural", "Attention and predictor learnt together, by gradient steps", add_options,
                         check_options, run_neural);
}

}  // namespace rec
