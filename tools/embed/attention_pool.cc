// rec-embed attention-pool: an attention pool over the users' histories.
#include "base/error.h"
#include "embed/epochs.h"
#include "embed/feature_tables.h"
#include "embed/history_training.h"
#include "models/attention_pool/pool_trainer.h"

namespace rec {
namespace {

struct AttentionPoolCommand {
  EmbedOptions embed;
  FitOptions fit;
  PoolOptions model;
  std::optional<PoolSight> sight;  // absent: by whether the data have timestamps
};

void add_options(OptionTable& table, AttentionPoolCommand& options) {
  options.embed.takes_weights = true;
  options.model.shape.units = 0;
  options.model.batches.batch = 0;
  options.fit.patience = 10;
  options.model.describe(table);
  add_epoch_options(table, options.fit);
  add_embed_options(table, options.embed);
}

// A full softmax knows no candidate as the query.
void complete(const OptionTable& table, AttentionPoolCommand& options) {
  PoolOptions& model = options.model;
  if (model.shape.candidate && !table.given("--loss")) model.loss = SequenceLoss::kSampledSoftmax;
}

void check_options(const OptionTable& table, AttentionPoolCommand& options) {
  PoolOptions& model = options.model;
  if (table.given("--predict")) options.sight = model.sight;
  for (const char* name : {"--decay", "--reorder", "--drop-items"}) {
    if (!options.sight && table.given(name)) options.sight = PoolSight::kBefore;
  }
  const bool next = model.sight == PoolSight::kBefore;
  model.shape.resolve();
  model.check();
  for (const char* name : {"--decay", "--reorder", "--drop-items"}) option_needs(table, name, "--predict next", next);
  check_epoch_files(options.fit, options.embed, model.features.stdins());
  options.fit.histories = true;
  check_epoch_options(table, options.embed, model.epochs, options.fit);
}

TrainingPlan plan(AttentionPoolCommand& options, Interactions& data, const FitEvents& events) {
  PoolOptions& model = options.model;
  const size_t users = data.users.size();  // who have rows
  std::vector<SideFeatures> features =
      read_side_features(model.features, options.fit.side, options.fit.threads, data, events);
  if (!options.sight && data.timestamp.empty()) model.sight = PoolSight::kOthers;
  model.batches.resolve(users);
  const std::string note = tell_run_size(users, model.batches.batch, model.epochs, "sequences", events);
  const PoolShape& shape = model.shape;
  const size_t item_values = data.items.size() * static_cast<size_t>(shape.dim) * (shape.tied ? 1 : 2);
  TrainingPlan plan =
      plan_histories<PoolTrainer>(fmt::format("a pool of {} factors", shape.dim), PoolParameters(shape).size,
                                  item_values, model, data, options.fit.threads, std::move(features));
  plan.epochs = model.epochs;
  plan.note = note;
  plan.predicts_next = model.sight == PoolSight::kBefore;
  return plan;
}

int run(AttentionPoolCommand& options) {
  WantedColumns wanted;
  wanted.weight = options.embed.weights;
  wanted.timestamp = true;
  return run_epochs("attention-pool", options.embed, options.fit, wanted,
                    [&](Interactions& data, const FitEvents& events) { return plan(options, data, events); });
}

}  // namespace

void declare_attention_pool(const EmbedTool& tool) {
  embed_command<AttentionPoolCommand>(tool, "attention-pool",
                                      "An attention pool of the item vectors of the history (DIN, NAIS)", add_options,
                                      check_options, run, std::make_shared<AttentionPoolCommand>(), complete);
}

}  // namespace rec
