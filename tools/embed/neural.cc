// rec-embed neural: attention and predictor learnt together, by gradient steps.
#include "models/two_tower/neural_trainer.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "data/pair_means.h"
#include "embed/epochs.h"
#include "io/number.h"
#include "models/sgd/run_size.h"

namespace rec {
namespace {

struct Options {
  EmbedOptions embed;
  FitOptions fit;
  NeuralOptions neural;
  std::optional<int> epochs;  // absent, like the batch: by size
  std::optional<int> batch;
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
std::vector<std::pair<std::string, Value>> named(const Value (&values)[N]) {
  std::vector<std::pair<std::string, Value>> choices;
  for (const Value value : values) choices.emplace_back(name_of(value), value);
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

void add_options(CLI::App& command, Options& options) {
  NeuralOptions& neural = options.neural;
  const auto number = [&](const char* name, auto& value, const char* letter, const char* text) {
    command.add_option(name, value, text)->type_name(letter)->capture_default_str();
  };
  number("-d,--dim", neural.dim, "N", "Factors, 1 to 1024");
  command
      .add_option("--loss", options.loss,
                  "What is minimised: softmax or sampled-softmax trains the attention, mse, bce or bpr the predictor; "
                  "or one of each, A,B")
      ->type_name("LOSS")
      ->capture_default_str();
  add_choice<ScoreForm, ScoreForm>(command, "--attention", neural.attention, named(kAttentions),
                                   "Attention function g (default dot)");
  add_choice<ScoreForm, ScoreForm>(command, "--predictor", neural.predictor, named(kPredictors),
                                   "Prediction model M (default dot)");
  number("--heads", neural.heads, "N", "Heads of --attention multi-head, a divisor of --dim");
  number("--layers", options.layers, "N,N,...", "Hidden layers of --predictor mlp");
  number("--mix", neural.mix, "W", "Weight of the predictor's loss beside the attention's");
  number("-t,--temperature", neural.temperature, "T", "Softmax temperature of the attention's loss");
  command
      .add_option("-e,--epochs", options.epochs,
                  "Passes over the data; the most, with --valid (default: by size, 10000 steps, 20 to 200 passes)")
      ->type_name("N");
  command.add_option("--batch", options.batch, "Pairs a step (default: by size, pairs / 256, 64 to 1024)")
      ->type_name("N");
  add_choice<OptimizerKind, OptimizerKind>(command, "--optimizer", neural.optimizer, named(kOptimizers),
                                           "How a step moves (default adam)");
  number("--learning-rate", neural.rate, "R", "Learning rate, the highest");
  add_choice<ScheduleKind, ScheduleKind>(command, "--schedule", neural.schedule, named(kSchedules),
                                         "The rate over all epochs (default constant)");
  number("--warmup", neural.warmup, "N", "Steps in which the rate rises to its height");
  number("--weight-decay", neural.reg, "L", "L2 regularisation of what a step touches; with adamw, decay");
  number("--dropout", neural.dropout, "P", "Share of the factors of users and items that a step leaves out");
  number("--clip-norm", neural.clip, "C", "Greatest norm of a step's gradient; 0: any");
  add_choice<NegativeSampling, NegativeSampling>(command, "--sampling", neural.sampling, named(kSamplings),
                                                 "Where negatives come from (default uniform)");
  number("--negatives", neural.negatives, "N", "Negatives drawn for each slice, an eighth, of a batch");
  number("--adversarial", neural.adversarial, "EPS", "Train against steps of this length of each vector, too; 0: none");
  number("--adversarial-weight", neural.adversarial_weight, "W", "Weight of the loss after those steps");
  number("--init-std", neural.stddev, "S", "Initial vectors: factors are N(0, S^2/dim)");
  number("--seed", neural.seed, "N", "Seed of the initial weights, the order of the pairs, and draws");
  options.fit.patience = 10;
  add_epoch_options(command, options.fit);
  add_embed_options(command, options.embed);
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

void check_options(const CLI::App& command, Options& options) {
  parse_lists(options);
  NeuralOptions& neural = options.neural;
  neural.epochs = options.epochs.value_or(neural.epochs);
  neural.batch = options.batch.value_or(neural.batch);
  neural.check();
  option_needs(command, "--heads", "--attention multi-head", neural.attention == ScoreForm::kMultiHead);
  option_needs(command, "--layers", "--predictor mlp", neural.predictor == ScoreForm::kMlp);
  option_needs(command, "--mix", "--loss with two losses", neural.loss.size() == 2);
  option_needs(command, "--temperature", "--loss softmax or sampled-softmax", neural.attention_loss().has_value());
  option_needs(command, "--sampling", "--loss sampled-softmax, bce or bpr", neural.draws_negatives());
  option_needs(command, "--negatives", "--loss sampled-softmax, bce or bpr", neural.draws_negatives());
  option_needs(command, "--negatives", "--sampling uniform or popularity",
               neural.sampling != NegativeSampling::kInBatch);
  option_needs(command, "--adversarial-weight", "--adversarial", neural.adversarial > 0.0);
  options.fit.epochs = neural.epochs;
  check_epoch_files(options.fit, options.embed);
  check_epoch_options(command, options.embed, options.fit);
}

// The batch and the epochs that were not given, by the number of pairs.
void resolve_defaults(const Options& options, size_t pairs, NeuralOptions& neural, const FitEvents& events) {
  if (!options.batch) neural.batch = batch_by_size(pairs, 256, 64, 1024);
  if (!options.epochs) neural.epochs = epochs_by_size(pairs, neural.batch, 10000, 20, 200);
  tell_run_size(pairs, neural.batch, neural.epochs, "pairs", events);
}

TrainingResult train_neural(const Options& options, const Interactions& data, const FitEvents& events) {
  NeuralOptions neural = options.neural;
  FitOptions fit_options = options.fit;
  const bool values = neural.predictor_loss() == NeuralLoss::kMse;
  const Csr by_user = values ? csr_of_means(data) : csr_by_user(data, {});
  resolve_defaults(options, by_user.entries(), neural, events);
  fit_options.epochs = neural.epochs;
  const TrainingResult result = fit(data, by_user, fit_options, events, [&]() -> TrainingSteps {
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
  note_few_steps(by_user.entries(), neural.batch, neural.epochs, events);
  return result;
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

EmbedCommand declare_neural(CLI::App& app) {
  return embed_command<Options>(app, "neural", "Attention and predictor learnt together, by gradient steps",
                                add_options, check_options, run_neural);
}

}  // namespace rec
