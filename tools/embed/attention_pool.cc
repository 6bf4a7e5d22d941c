// rec-embed attention-pool: an attention pool over the users' histories.
#include "base/error.h"
#include "embed/epochs.h"
#include "embed/fit_histories.h"
#include "embed/training_options.h"
#include "models/attention_pool/pool_trainer.h"

namespace rec {
namespace {

constexpr int kLeastBatch = 16;  // by size

struct Options {
  EmbedOptions embed;
  FitOptions fit;
  PoolOptions model;
  std::optional<int> units;
  std::optional<int> batch;
  std::optional<PoolSight> sight;  // absent: by whether the data have timestamps
  bool apart = false;
};

void add_options(CLI::App& command, Options& options) {
  PoolOptions& model = options.model;
  command.add_option("-d,--dim", model.shape.dim, "Factors of an item and of h, 1 to 1024")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--units", options.units, "Values of the attention's hidden layer (default: --dim)")
      ->type_name("N");
  add_window_option(command, model.shape.window);
  add_choice<bool, bool>(
      command, "--query", model.shape.candidate, {{"none", false}, {"candidate", true}},
      "What shares are asked for: nothing, one h for all candidates (default), or each candidate (NAIS)");
  command
      .add_option("--smoothing", model.shape.smoothing, "With --query candidate: the power of the shares' sum, 0 to 1")
      ->type_name("B")
      ->capture_default_str();
  command.add_flag("--decay", model.shape.decay, "Shares fall with an item's age, at a rate that is learnt");
  command.add_flag("--untied", options.apart,
                   "Items of the history have vectors of their own, apart from the candidates'");
  add_choice<std::optional<PoolSight>, PoolSight>(
      command, "--predict", options.sight, {{"next", PoolSight::kBefore}, {"left-out", PoolSight::kOthers}},
      "In training: what comes next, or each item from all others (default: next where there are timestamps or options "
      "that need it, else left-out)");
  add_dropout_option(command, model);
  add_learning_options(command, model, options.batch, kLeastBatch, "softmax, with --query candidate sampled-softmax");
  add_windows_options(command, model.batches);
  add_seed_option(command, model);
  options.fit.patience = 10;
  add_epoch_options(command, options.fit);
}

void check_options(const CLI::App& command, Options& options) {
  PoolOptions& model = options.model;
  if (!options.sight) {
    for (const char* name : {"--decay", "--reorder", "--drop-items"})
      if (command.count(name) > 0) options.sight = PoolSight::kBefore;
  }
  model.sight = options.sight.value_or(PoolSight::kBefore);
  const bool next = model.sight == PoolSight::kBefore;
  model.shape.units = options.units.value_or(model.shape.dim);
  model.shape.tied = !options.apart;
  if (model.shape.candidate && command.get_option("--loss")->count() == 0) model.loss = SequenceLoss::kSampledSoftmax;
  model.batches.batch = options.batch.value_or(model.batches.batch);
  model.check();
  check_learning_options(command, model);
  option_needs(command, "--smoothing", "--query candidate", model.shape.candidate);
  option_needs(command, "--decay", "--predict next", next);
  option_needs(command, "--reorder", "--predict next", next);
  option_needs(command, "--drop-items", "--predict next", next);
  check_epoch_files(options.fit, options.embed);
  options.fit.epochs = model.epochs;
  options.fit.histories = true;
  check_epoch_options(command, options.embed, options.fit);
}

TrainingResult train(const Options& options, const Interactions& data, const FitEvents& events) {
  PoolOptions model = options.model;
  const PoolShape& shape = model.shape;
  if (!options.sight && data.timestamp.empty()) model.sight = PoolSight::kOthers;
  FitOptions fit_options = options.fit;
  fit_options.predicts_next = model.sight == PoolSight::kBefore;
  resolve_batch(options.batch, kLeastBatch, data, model, model.batches, events);
  const size_t item_values = data.items.size() * static_cast<size_t>(shape.dim) * (shape.tied ? 1 : 2);
  const TrainingResult result =
      fit_histories<PoolTrainer>(fmt::format("a pool of {} factors", shape.dim), PoolParameters(shape).size,
                                 item_values, model, fit_options, data, events);
  note_few_steps(data.users.size(), model.batches.batch, model.epochs, events);
  return result;
}

}  // namespace

EmbedCommand declare_pool(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("attention-pool", "An attention pool of the history's item vectors (DIN, NAIS)");
  add_options(*command, *options);
  add_embed_options(*command, options->embed);
  return {command, [options, command] {
            check_options(*command, *options);
            WantedColumns wanted;
            wanted.timestamp = true;
            return run_epochs(
                "attention-pool", options->embed, options->fit, wanted,
                [&](const Interactions& data, const FitEvents& events) { return train(*options, data, events); });
          }};
}

}  // namespace rec
