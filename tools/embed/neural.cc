// rec-embed neural: attention and predictor learnt together, by gradient steps.
#include "models/two_tower/neural_trainer.h"

#include <utility>

#include "base/error.h"
#include "cli/run_main.h"
#include "data/digest.h"
#include "data/pair_means.h"
#include "data/policy_log.h"
#include "embed/epochs.h"
#include "embed/feature_tables.h"
#include "io/output.h"
#include "train/policy_validation.h"

namespace rec {
namespace {

struct NeuralCommand {
  EmbedOptions embed;
  FitOptions fit;
  NeuralOptions neural;
  bool given_epochs = false;
};

void add_options(OptionTable& table, NeuralCommand& options) {
  options.embed.takes_weights = true;
  options.neural.batch = 0;
  options.fit.patience = 10;
  options.embed.takes_logs = true;
  options.neural.describe(table);
  add_epoch_options(table, options.fit,
                    "Ranking metric of --valid, over all items except those of training; with "
                    "--propensity snips (its default) or ips of the held-out log");
  add_embed_options(table, options.embed);
}

void complete_options(const OptionTable& table, NeuralCommand& options) {
  if (!options.neural.propensity) return;
  if (!table.given("--loss")) options.neural.loss = {NeuralLoss::kSoftmax};
  if (!table.given("--metric")) options.fit.metric = "snips";
}

void check_options(const OptionTable& table, NeuralCommand& options) {
  options.neural.check();
  options.given_epochs = table.given("--epochs");
  check_epoch_files(options.fit, options.embed, options.neural.features.stdins());
  const bool policy = options.neural.propensity;
  check_epoch_options(table, options.embed, options.neural.epochs, options.fit, !policy);
  if (!policy) return;
  if (options.embed.weights) fail_usage("--weights: rows of --propensity are weighed by their propensities");
  if (!is_value_of_policy(parse_metric(options.fit.metric)))
    fail_usage("--metric: expected snips or ips with --propensity, found {}", options.fit.metric);
}

Interactions read_log(const NeuralCommand& options, const Report& report) {
  const EmbedOptions& embed = options.embed;
  const PolicyLog log = read_inputs(
      embed, report, [](const std::string& first, const ReadOptions& read) { return read_policy_log(first, read, 0); });
  report.bad_lines(log.bad_lines, embed.input_names());
  return logged_rows(log);
}

std::string digest_of(const DataColumn<float>& numbers) {
  Digest digest;
  digest.add(std::span<const float>(numbers));
  return digest.text();
}

TrainingPlan plan(NeuralCommand& options, Interactions& data, const FitEvents& events) {
  NeuralOptions& neural = options.neural;
  std::vector<SideFeatures> features =
      read_side_features(neural.features, options.fit.side, options.fit.threads, data, events);
  TrainingPlan plan;
  if (neural.propensity) {
    plan.by_user = csr_of_rows(data);
    plan.run["propensity"] = digest_of(data.weight);
    plan.validation = [&options, &data, &events]() -> std::unique_ptr<Validation> {
      PolicyLog held_out = read_policy_log(options.fit.valid, options.fit.side, 0);
      events.bad_lines(held_out.bad_lines, held_out.name);
      return std::make_unique<PolicyValidation>(std::move(held_out), parse_metric(options.fit.metric),
                                                options.neural.temperature, data.users, data.items);
    };
  } else {
    plan.by_user = neural.predictor_loss() == NeuralLoss::kMse
                       ? csr_of_means(data)
                       : csr_by_user(data, {}, PairWeight::kSum, options.fit.threads);
  }
  const char* const what = neural.propensity ? "rows" : "pairs";
  neural.resolve(plan.by_user.entries(), options.given_epochs);
  plan.epochs = neural.epochs;
  plan.note = tell_run_size(plan.by_user.entries(), neural.batch, neural.epochs, what, events);
  plan.what = fmt::format("neural: a model of {} factors, {} users and {} items", neural.dim, data.users.size(),
                          data.items.size());
  plan.size = fmt::format("{} {}", plan.by_user.entries(), neural.propensity ? "rows" : "distinct pairs");
  plan.memory = NeuralTrainer::memory(plan.by_user, data.items.size(), neural, features);
  if (!data.weight.empty()) plan.memory += plan.by_user.entries() * sizeof(float);
  for (const SideFeatures& side : features) plan.run[feature_table_name(side.of)] = digest_of(side);
  plan.make = [&data, &options, features = std::move(features)](Csr by_user) mutable {
    return std::make_unique<NeuralTrainer>(
        data, std::move(by_user), options.neural, options.fit.threads, std::move(features),
        options.neural.propensity ? std::vector<float>(data.weight.begin(), data.weight.end())
                                  : pair_weights(data, options.fit.threads));
  };
  return plan;
}

int run_neural(NeuralCommand& options) {
  if (options.neural.propensity) {
    if (options.embed.host != nullptr) fail_usage("--propensity: this run has interactions, and no log of shown items");
    Interactions log;
    return run_epochs(
        "neural", options.embed, options.fit,
        [&](const Report& report) -> const Interactions& { return log = read_log(options, report); },
        [&](const FitEvents& events) { return plan(options, log, events); });
  }
  WantedColumns wanted;
  wanted.weight = options.embed.weights;
  wanted.value = options.neural.predictor_loss() == NeuralLoss::kMse;
  wanted.value_for = "--loss mse";
  return run_epochs("neural", options.embed, options.fit, wanted,
                    [&](Interactions& data, const FitEvents& events) { return plan(options, data, events); });
}

}  // namespace

void declare_neural(const EmbedTool& tool) {
  embed_command<NeuralCommand>(tool, "neural", "Attention and predictor learnt together, by gradient steps",
                               add_options, check_options, run_neural, std::make_shared<NeuralCommand>(),
                               complete_options);
}

}  // namespace rec
