// rec-embed sasrec, rec-embed bert4rec: a Transformer over the users' histories.
#include "base/error.h"
#include "embed/epochs.h"
#include "embed/feature_tables.h"
#include "embed/history_training.h"
#include "models/transformer/sequence_trainer.h"

namespace rec {
namespace {

struct SasrecCommand {
  const char* name = "";  // of the subcommand
  EmbedOptions embed;
  FitOptions fit;
  SequenceOptions model;
};

void add_options(OptionTable& table, SasrecCommand& options) {
  options.embed.takes_weights = true;
  options.model.shape.hidden = 0;
  options.model.batches.batch = 0;
  options.fit.patience = 10;
  options.model.describe(table);
  add_epoch_options(table, options.fit);
  add_embed_options(table, options.embed);
}

void check_options(const OptionTable& table, SasrecCommand& options) {
  SequenceOptions& model = options.model;
  model.shape.resolve();
  model.check();
  check_epoch_files(options.fit, options.embed, model.features.stdins());
  options.fit.histories = true;
  check_epoch_options(table, options.embed, model.epochs, options.fit);
}

TrainingPlan plan(SasrecCommand& options, Interactions& data, const FitEvents& events) {
  SequenceOptions& model = options.model;
  const size_t users = data.users.size();  // who have rows
  std::vector<SideFeatures> features =
      read_side_features(model.features, options.fit.side, options.fit.threads, data, events);
  model.batches.resolve(users);
  const std::string note = tell_run_size(users, model.batches.batch, model.epochs, "sequences", events);
  TrainingPlan plan = plan_histories<SequenceTrainer>(
      fmt::format("a Transformer of {} factors", model.shape.dim), TransformerParameters(model.shape).size,
      data.items.size() * static_cast<size_t>(model.shape.dim), model, data, options.fit.threads, std::move(features));
  plan.epochs = model.epochs;
  plan.note = note;
  plan.predicts_next = true;
  return plan;
}

int run(SasrecCommand& options) {
  WantedColumns wanted;
  wanted.weight = options.embed.weights;
  wanted.timestamp = true;
  return run_epochs(options.name, options.embed, options.fit, wanted,
                    [&](Interactions& data, const FitEvents& events) { return plan(options, data, events); });
}

std::shared_ptr<SasrecCommand> options_of(const char* name, bool causal) {
  const auto options = std::make_shared<SasrecCommand>();
  options->name = name;
  options->model.shape.causal = causal;
  if (causal) options->model.epochs = 50;
  return options;
}

}  // namespace

void declare_sasrec(const EmbedTool& tool) {
  embed_command(tool, "sasrec", "A causal Transformer over each history that predicts the next item (SASRec)",
                add_options, check_options, run, options_of("sasrec", true));
}

void declare_bert4rec(const EmbedTool& tool) {
  embed_command(tool, "bert4rec", "A Transformer over each history that predicts hidden items (BERT4Rec)", add_options,
                check_options, run, options_of("bert4rec", false));
}

}  // namespace rec
