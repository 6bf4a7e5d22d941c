// rec-embed neural: attention and predictor learnt together, by gradient steps.
#include "models/two_tower/neural_trainer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "data/pair_means.h"
#include "embed/epochs.h"
#include "io/number.h"

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
  number("-e,--epochs", neural.epochs, "N", "Passes over the data; the most, with --valid");
  number("--batch", neural.batch, "N", "Pairs a step");
  add_choice<OptimizerKind, OptimizerKind>(command, "--optimizer", neural.optimizer.kind, named(kOptimizers),
                                           "How a step moves (default adam)");
  number("--learning-rate", neural.schedule.rate, "R", "Learning rate, the highest");
  add_choice<ScheduleKind, ScheduleKind>(command, "--schedule", neural.schedule.kind, named(kSchedules),
                                         "The rate over all epochs (default constant)");
  number("--warmup", neural.schedule.warmup, "N", "Steps in which the rate rises to its height");
  number("--weight-decay", neural.optimizer.weight_decay, "L",
         "L2 regularisation of what a step touches; with adamw, decay");
  number("--dropout", neural.dropout, "P", "Share of the factors of users and items that a step leaves out");
  number("--clip-norm", neural.clip, "C", "Greatest norm of a step's gradient; 0: any");
  number("--negatives", neural.negatives, "N", "Items drawn for each micro-batch, an eighth of a batch");
  number("--negative-exponent", neural.negative_exponent, "E", "They are drawn in proportion to count^E; 0: all alike");
  command.add_flag("--in-batch", neural.in_batch, "Or the items of the micro-batch's own pairs are the negatives");
  number("--adversarial", neural.adversarial, "EPS", "Train against steps of this length of each vector, too; 0: none");
  number("--adversarial-weight", neural.adversarial_weight, "W", "Weight of the loss after those steps");
  number("--init-std", neural.stddev, "S", "Initial vectors: factors are N(0, S^2/dim)");
  number("--seed", neural.seed, "N", "Seed of the initial weights, the order of the pairs, and draws");
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
  const NeuralOptions& neural = options.neural;
  neural.check();
  option_needs(command, "--heads", "--attention multi-head", neural.attention == ScoreForm::kMultiHead);
  option_needs(command, "--layers", "--predictor mlp", neural.predictor == ScoreForm::kMlp);
  option_needs(command, "--mix", "--loss with two losses", neural.loss.size() == 2);
  option_needs(command, "--temperature", "--loss softmax or sampled-softmax", neural.attention_loss().has_value());
  for (const char* name : {"--negatives", "--negative-exponent", "--in-batch"})
    option_needs(command, name, "--loss sampled-softmax, bce or bpr", neural.needs_negatives());
  for (const char* name : {"--negatives", "--negative-exponent"}) {
    if (neural.in_batch && command.get_option(name)->count() > 0) fail_usage("{} does not apply to --in-batch", name);
  }
  option_needs(command, "--adversarial-weight", "--adversarial", neural.adversarial > 0.0);
  options.fit.epochs = neural.epochs;
  check_epoch_files(options.fit, options.embed);
  check_epoch_options(command, options.embed, options.fit);
}

TrainingPlan plan(const Options& options, const Interactions& data) {
  const NeuralOptions& neural = options.neural;
  TrainingPlan plan;
  plan.by_user = neural.predictor_loss() == NeuralLoss::kMse ? csr_of_means(data) : csr_by_user(data, {});
  plan.what = fmt::format("neural: a model of {} factors, {} users and {} items", neural.dim, data.users.size(),
                          data.items.size());
  plan.size = fmt::format("{} distinct pairs", plan.by_user.entries());
  plan.memory = NeuralTrainer::memory(plan.by_user, data.items.size(), neural);
  plan.make = [&data, &options](Csr by_user) {
    return std::make_unique<NeuralTrainer>(data, std::move(by_user), options.neural, options.fit.threads);
  };
  return plan;
}

int run_neural(const Options& options) {
  WantedColumns wanted;
  wanted.value = options.neural.predictor_loss() == NeuralLoss::kMse;
  wanted.value_for = "--loss mse";
  return run_epochs("neural", options.embed, options.fit, wanted,
                    [&](const Interactions& data, const FitEvents&) { return plan(options, data); });
}

}  // namespace

EmbedCommand declare_neural(CLI::App& app) {
  return embed_command<Options>(app, "neural", "Attention and predictor learnt together, by gradient steps",
                                add_options, check_options, run_neural);
}

}  // namespace rec
