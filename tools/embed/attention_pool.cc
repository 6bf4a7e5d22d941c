// rec-embed attention-pool: an attention pool over the users' histories.
#include "base/error.h"
#include "embed/epochs.h"
#include "embed/history_training.h"
#include "models/attention_pool/pool_trainer.h"

namespace rec {
namespace {

struct Options {
  EmbedOptions embed;
  FitOptions fit;
  PoolOptions model;
};

void add_options(OptionTable& table, Options& options) {
  options.model.shape.units = 0;
  options.model.describe(table);
  add_epoch_options(table, options.fit);
  add_embed_options(table, options.embed);
}

void check_options(const OptionTable& table, Options& options) {
  PoolOptions& model = options.model;
  const bool next = model.sight == PoolSight::kBefore;
  model.shape.resolve();
  if (model.shape.candidate && !table.given("--loss")) model.loss = SequenceLoss::kSampledSoftmax;
  model.check();
  for (const char* name : {"--decay", "--reorder", "--drop-items"}) option_needs(table, name, "--predict next", next);
  check_epoch_files(options.fit, options.embed);
  options.fit.epochs = model.epochs;
  options.fit.histories = true;
  check_epoch_options(table, options.embed, options.fit);
}

TrainingPlan plan(const Options& options, const Interactions& data) {
  const PoolShape& shape = options.model.shape;
  const size_t item_values = data.items.size() * static_cast<size_t>(shape.dim) * (shape.tied ? 1 : 2);
  return plan_histories<PoolTrainer>(fmt::format("a pool of {} factors", shape.dim), PoolParameters(shape).size,
                                     item_values, options.model, data, options.fit.threads);
}

int run(const Options& options) {
  WantedColumns wanted;
  wanted.timestamp = true;
  return run_epochs("attention-pool", options.embed, options.fit, wanted,
                    [&](const Interactions& data, const FitEvents&) { return plan(options, data); });
}

}  // namespace

void declare_attention_pool(Command& tool) {
  embed_command<Options>(tool, "attention-pool", "An attention pool of the item vectors of the history (DIN, NAIS)",
                         add_options, check_options, run);
}

}  // namespace rec
