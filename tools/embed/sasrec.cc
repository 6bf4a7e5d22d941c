// rec-embed sasrec, rec-embed bert4rec: a Transformer over the users' histories.
#include "base/error.h"
#include "embed/epochs.h"
#include "embed/fit_histories.h"
#include "embed/training_options.h"
#include "models/transformer/sequence_trainer.h"

namespace rec {
namespace {

constexpr int kLeastBatch = 64;  // by size

struct Options {
  EmbedOptions embed;
  FitOptions fit;
  SequenceOptions model;
  std::optional<int> hidden;
  std::optional<int> batch;
};

void add_shape_options(CLI::App& command, Options& options) {
  TransformerShape& shape = options.model.shape;
  command.add_option("-d,--dim", shape.dim, "Factors of an item and of h, 1 to 1024")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--blocks", shape.blocks, "Blocks of attention and feed-forward part")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--heads", shape.heads, "Heads of each attention, a divisor of --dim")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--hidden", options.hidden, "Hidden values of the feed-forward part (default: 4 times --dim)")
      ->type_name("N");
  add_window_option(command, shape.window);
  add_choice<Positions, Positions>(command, "--positions", shape.positions,
                                   {{"none", Positions::kNone},
                                    {"learned", Positions::kLearned},
                                    {"rope", Positions::kRope},
                                    {"relative", Positions::kRelative}},
                                   "How an item's place counts: not at all, learned vectors (default), turned queries "
                                   "and keys, a learned bias of distance");
  add_choice<Activation, Activation>(
      command, "--activation", shape.activation,
      {{"relu", Activation::kRelu}, {"gelu", Activation::kGelu}, {"swiglu", Activation::kSwiglu}},
      "Of the feed-forward part (default gelu)");
  command
      .add_option("--filter", shape.filter,
                  "Places of a learned filter beside each attention, which starts as their mean; 0: none")
      ->type_name("K")
      ->capture_default_str();
  command.add_flag("--input-norm", shape.input_norm, "Layer norm of item and position vectors before the first block");
  command.add_flag("--gated", shape.gated, "A learned gate on what each part adds (LiGR)");
  add_dropout_option(command, options.model);
  command.add_option("--output-dropout", options.model.output_dropout, "Share of h's values left out besides")
      ->type_name("P")
      ->capture_default_str();
}

void add_training_options(CLI::App& command, Options& options) {
  SequenceOptions& model = options.model;
  add_learning_options(command, model, options.batch, kLeastBatch);
  add_windows_options(command, model.batches);
  command
      .add_option("--ema", model.average,
                  "The model is the weights' moving average over the epochs, which keeps the share B an epoch (0: the "
                  "last epoch's weights)")
      ->type_name("B")
      ->capture_default_str();
  if (!model.shape.causal)
    command.add_option("--mask", model.batches.hidden, "Share of a sequence's items that are hidden")
        ->type_name("P")
        ->capture_default_str();
  add_seed_option(command, model);
  options.fit.patience = 10;
  add_epoch_options(command, options.fit);
}

void check_options(const CLI::App& command, Options& options) {
  SequenceOptions& model = options.model;
  model.shape.hidden = options.hidden.value_or(4 * model.shape.dim);
  model.batches.batch = options.batch.value_or(model.batches.batch);
  model.check();
  check_learning_options(command, model);
  check_epoch_files(options.fit, options.embed);
  options.fit.epochs = model.epochs;
  options.fit.histories = true;
  check_epoch_options(command, options.embed, options.fit);
}

TrainingResult train(const Options& options, const Interactions& data, const FitEvents& events) {
  SequenceOptions model = options.model;
  const TransformerShape& shape = model.shape;
  resolve_batch(options.batch, kLeastBatch, data, model, model.batches, events);
  const TrainingResult result = fit_histories<SequenceTrainer>(
      fmt::format("a Transformer of {} factors", shape.dim), TransformerParameters(shape).size,
      data.items.size() * static_cast<size_t>(shape.dim), model, options.fit, data, events);
  note_few_steps(data.users.size(), model.batches.batch, model.epochs, events);
  return result;
}

EmbedCommand declare(CLI::App& app, const char* name, const char* text, bool causal) {
  auto options = std::make_shared<Options>();
  options->model.shape.causal = causal;
  if (causal) options->model.epochs = 50;
  CLI::App* command = app.add_subcommand(name, text);
  add_shape_options(*command, *options);
  add_training_options(*command, *options);
  add_embed_options(*command, options->embed);
  return {command, [options, command, name] {
            check_options(*command, *options);
            WantedColumns wanted;
            wanted.timestamp = true;
            return run_epochs(
                name, options->embed, options->fit, wanted,
                [&](const Interactions& data, const FitEvents& events) { return train(*options, data, events); });
          }};
}

}  // namespace

EmbedCommand declare_sasrec(CLI::App& app) {
  return declare(app, "sasrec", "A causal Transformer over each history, trained to tell the next item (SASRec)", true);
}

EmbedCommand declare_bert4rec(CLI::App& app) {
  return declare(app, "bert4rec", "A Transformer over each history, trained to tell hidden items (BERT4Rec)", false);
}

}  // namespace rec
