// rec-embed attention-pool: an attention pool over the users' histories.
#include "base/error.h"
#include "embed/epochs.h"
#include "embed/fit_histories.h"
#include "embed/training_options.h"
#include "models/attention_pool/pool_trainer.h"

namespace rec {
namespace {

struct Options {
  EmbedOptions embed;
  FitOptions fit;
  PoolOptions model;
  std::optional<int> units;
  bool apart = false;
};

void add_options(OptionTable& table, Options& options) {
  PoolOptions& model = options.model;
  table.add("-d,--dim", model.shape.dim, "N", "Factors of an item and of h, 1 to 1024");
  table.add("--units", options.units, "N", "Values of the attention's hidden layer (default: --dim)");
  add_window_option(table, model.shape.window);
  table.one_of<bool, bool>("--query", model.shape.candidate, {{"none", false}, {"candidate", true}},
                           "What shares are asked for: nothing, one h for all candidates, or each candidate (NAIS)");
  table.add("--smoothing", model.shape.smoothing, "B", "With --query candidate: the power of the shares' sum, 0 to 1");
  table.flag("--decay", model.shape.decay, "Shares fall with an item's age, at a rate that is learnt");
  table.flag("--untied", options.apart, "Items of the history have vectors of their own, apart from the candidates'");
  table.one_of<PoolSight, PoolSight>("--predict", model.sight,
                                     {{"next", PoolSight::kBefore}, {"left-out", PoolSight::kOthers}},
                                     "In training: what comes next, or each item from all others");
  add_dropout_option(table, model);
  add_learning_options(table, model, model.batches.batch, "softmax, with --query candidate sampled-softmax");
  add_windows_options(table, model.batches);
  add_seed_option(table, model);
  add_epoch_options(table, options.fit);
  add_embed_options(table, options.embed);
}

void check_options(const OptionTable& table, Options& options) {
  PoolOptions& model = options.model;
  const bool next = model.sight == PoolSight::kBefore;
  model.shape.units = options.units.value_or(model.shape.dim);
  model.shape.tied = !options.apart;
  if (model.shape.candidate && !table.given("--loss")) model.loss = SequenceLoss::kSampledSoftmax;
  model.check();
  check_learning_options(table, model);
  option_needs(table, "--smoothing", "--query candidate", model.shape.candidate);
  option_needs(table, "--decay", "--predict next", next);
  option_needs(table, "--reorder", "--predict next", next);
  option_needs(table, "--drop-items", "--predict next", next);
  check_epoch_files(options.fit, options.embed);
  options.fit.epochs = model.epochs;
  options.fit.histories = true;
  check_epoch_options(table, options.embed, options.fit);
}

TrainingResult train(const Options& options, const Interactions& data, const FitEvents& events) {
  const PoolShape& shape = options.model.shape;
  const size_t item_values = data.items.size() * static_cast<size_t>(shape.dim) * (shape.tied ? 1 : 2);
  return fit_histories<PoolTrainer>(fmt::format("a pool of {} factors", shape.dim), PoolParameters(shape).size,
                                    item_values, options.model, options.fit, data, events);
}

int run(const Options& options) {
  WantedColumns wanted;
  wanted.timestamp = true;
  return run_epochs("attention-pool", options.embed, options.fit, wanted,
                    [&](const Interactions& data, const FitEvents& events) { return train(options, data, events); });
}

}  // namespace

void declare_attention_pool(Command& tool) {
  embed_command<Options>(tool, "attention-pool", "An attention pool of the history's item vectors (DIN, NAIS)",
                         add_options, check_options, run);
}

}  // namespace rec
