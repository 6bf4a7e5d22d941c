// rec-embed sasrec, rec-embed bert4rec: a Transformer over the users' histories.
#include "base/error.h"
#include "embed/epochs.h"
#include "embed/fit_histories.h"
#include "embed/training_options.h"
#include "models/transformer/sequence_trainer.h"

namespace rec {
namespace {

struct Options {
  const char* name = "";  // of the subcommand
  EmbedOptions embed;
  FitOptions fit;
  SequenceOptions model;
  std::optional<int> hidden;
};

void add_shape_options(OptionTable& table, Options& options) {
  TransformerShape& shape = options.model.shape;
  table.add("-d,--dim", shape.dim, "N", "Factors of an item and of h, 1 to 1024");
  table.add("--blocks", shape.blocks, "N", "Blocks of attention and feed-forward part");
  table.add("--heads", shape.heads, "N", "Heads of each attention, a divisor of --dim");
  table.add("--hidden", options.hidden, "N", "Hidden values of the feed-forward part (default: 4 times --dim)");
  add_window_option(table, shape.window);
  table.one_of<Positions, Positions>("--positions", shape.positions,
                                     {{"none", Positions::kNone},
                                      {"learned", Positions::kLearned},
                                      {"rope", Positions::kRope},
                                      {"relative", Positions::kRelative}},
                                     "How an item's place counts: not at all, learned vectors, turned queries "
                                     "and keys, a learned bias of distance");
  table.one_of<Activation, Activation>(
      "--activation", shape.activation,
      {{"relu", Activation::kRelu}, {"gelu", Activation::kGelu}, {"swiglu", Activation::kSwiglu}},
      "Of the feed-forward part");
  table.add("--filter", shape.filter, "K",
            "Places of a learned filter beside each attention, which starts as their mean; 0: none");
  table.flag("--input-norm", shape.input_norm, "Layer norm of item and position vectors before the first block");
  table.flag("--gated", shape.gated, "A learned gate on what each part adds (LiGR)");
  add_dropout_option(table, options.model);
  table.add("--output-dropout", options.model.output_dropout, "P", "Share of h's values left out besides");
}

void add_training_options(OptionTable& table, Options& options) {
  SequenceOptions& model = options.model;
  add_learning_options(table, model, model.batches.batch);
  add_windows_options(table, model.batches);
  table.add("--ema", model.average, "B",
            "The model is the weights' moving average over the epochs, which keeps the share B an epoch (0: the "
            "last epoch's weights)");
  if (!model.shape.causal)
    table.add("--mask", model.batches.hidden, "P", "Share of a sequence's items that are hidden");
  add_seed_option(table, model);
  add_epoch_options(table, options.fit);
}

void check_options(const OptionTable& table, Options& options) {
  SequenceOptions& model = options.model;
  model.shape.hidden = options.hidden.value_or(4 * model.shape.dim);
  model.check();
  check_learning_options(table, model);
  check_epoch_files(options.fit, options.embed);
  options.fit.epochs = model.epochs;
  options.fit.histories = true;
  check_epoch_options(table, options.embed, options.fit);
}

TrainingResult train(const Options& options, const Interactions& data, const FitEvents& events) {
  const TransformerShape& shape = options.model.shape;
  return fit_histories<SequenceTrainer>(
      fmt::format("a Transformer of {} factors", shape.dim), TransformerParameters(shape).size,
      data.items.size() * static_cast<size_t>(shape.dim), options.model, options.fit, data, events);
}

void add_options(OptionTable& table, Options& options) {
  add_shape_options(table, options);
  add_training_options(table, options);
  add_embed_options(table, options.embed);
}

int run(const Options& options) {
  WantedColumns wanted;
  wanted.timestamp = true;
  return run_epochs(options.name, options.embed, options.fit, wanted,
                    [&](const Interactions& data, const FitEvents& events) { return train(options, data, events); });
}

std::shared_ptr<Options> options_of(const char* name, bool causal) {
  const auto options = std::make_shared<Options>();
  options->name = name;
  options->model.shape.causal = causal;
  return options;
}

}  // namespace

void declare_sasrec(Command& tool) {
  embed_command(tool, "sasrec", "A causal Transformer over each history, trained to predict the next item (SASRec)",
                add_options, check_options, run, options_of("sasrec", true));
}

void declare_bert4rec(Command& tool) {
  embed_command(tool, "bert4rec", "A Transformer over each history, trained to predict hidden items (BERT4Rec)",
                add_options, check_options, run, options_of("bert4rec", false));
}

}  // namespace rec
