// rec-embed neural: attention and predictor learnt together, by gradient steps.
#include "models/two_tower/neural_trainer.h"

#include <utility>

#include "data/pair_means.h"
#include "embed/epochs.h"
#include "embed/feature_tables.h"

namespace rec {
namespace {

struct Options {
  EmbedOptions embed;
  FitOptions fit;
  NeuralOptions neural;
  bool given_epochs = false;
};

void add_options(OptionTable& table, Options& options) {
  options.embed.takes_weights = true;
  options.neural.batch = 0;
  options.fit.patience = 10;
  options.neural.describe(table);
  add_epoch_options(table, options.fit);
  add_embed_options(table, options.embed);
}

void check_options(const OptionTable& table, Options& options) {
  options.neural.check();
  options.given_epochs = table.given("--epochs");
  check_epoch_files(options.fit, options.embed, options.neural.features.stdins());
  check_epoch_options(table, options.embed, options.neural.epochs, options.fit);
}

TrainingPlan plan(Options& options, Interactions& data, const FitEvents& events) {
  NeuralOptions& neural = options.neural;
  std::vector<SideFeatures> features =
      read_side_features(neural.features, options.fit.side, options.fit.threads, data, events);
  TrainingPlan plan;
  plan.by_user = neural.predictor_loss() == NeuralLoss::kMse
                     ? csr_of_means(data)
                     : csr_by_user(data, {}, PairWeight::kSum, options.fit.threads);
  neural.resolve(plan.by_user.entries(), options.given_epochs);
  plan.epochs = neural.epochs;
  plan.note = tell_run_size(plan.by_user.entries(), neural.batch, neural.epochs, "pairs", events);
  plan.what = fmt::format("neural: a model of {} factors, {} users and {} items", neural.dim, data.users.size(),
                          data.items.size());
  plan.size = fmt::format("{} distinct pairs", plan.by_user.entries());
  plan.memory = NeuralTrainer::memory(plan.by_user, data.items.size(), neural, features);
  if (!data.weight.empty()) plan.memory += plan.by_user.entries() * sizeof(float);
  for (const SideFeatures& side : features) plan.run[feature_table_name(side.of)] = digest_of(side);
  plan.make = [&data, &options, features = std::move(features)](Csr by_user) mutable {
    return std::make_unique<NeuralTrainer>(data, std::move(by_user), options.neural, options.fit.threads,
                                           std::move(features), pair_weights(data, options.fit.threads));
  };
  return plan;
}

int run_neural(Options& options) {
  WantedColumns wanted;
  wanted.weight = options.embed.weights;
  wanted.value = options.neural.predictor_loss() == NeuralLoss::kMse;
  wanted.value_for = "--loss mse";
  return run_epochs("neural", options.embed, options.fit, wanted,
                    [&](Interactions& data, const FitEvents& events) { return plan(options, data, events); });
}

}  // namespace

void declare_neural(const EmbedTool& tool) {
  embed_command<Options>(tool, "neural", "Attention and predictor learnt together, by gradient steps", add_options,
                         check_options, run_neural);
}

}  // namespace rec
