// rec-embed sasrec, rec-embed bert4rec: a Transformer over the users' histories.
#include "base/error.h"
#include "base/memory.h"
#include "embed/epochs.h"
#include "models/sequence_trainer.h"

namespace rec {
namespace {

struct Options {
  EmbedOptions embed;
  FitOptions fit;
  SequenceOptions model;
  std::optional<int> hidden;
};

void add_shape_options(CLI::App& command, Options& options) {
  TransformerShape& shape = options.model.shape;
  command.add_option("-d,--dim", shape.dim, "Factors of an item and of h, 1 to 1024")->type_name("N")->capture_default_str();
  command.add_option("--blocks", shape.blocks, "Blocks of attention and feed-forward part")->type_name("N")->capture_default_str();
  command.add_option("--heads", shape.heads, "Heads of each attention, a divisor of --dim")->type_name("N")->capture_default_str();
  command.add_option("--hidden", options.hidden, "Hidden values of the feed-forward part (default: 4 times --dim)")->type_name("N");
  command.add_option("--max-len", shape.window, "Items of a history that are read, its last ones")->type_name("N")->capture_default_str();
  add_choice<Positions, Positions>(command, "--positions", shape.positions,
                                   {{"none", Positions::kNone}, {"learned", Positions::kLearned}, {"rope", Positions::kRope}, {"relative", Positions::kRelative}},
                                   "How an item's place counts: not at all, learned vectors (default), turned queries and keys, a learned bias of distance");
  add_choice<Activation, Activation>(command, "--activation", shape.activation,
                                     {{"relu", Activation::kRelu}, {"gelu", Activation::kGelu}, {"swiglu", Activation::kSwiglu}},
                                     "Of the feed-forward part (default gelu)");
  command.add_flag("--gated", shape.gated, "A learned gate on what each part adds (LiGR)");
  command.add_option("--dropout", options.model.dropout, "Share of values left out at random in training")->type_name("P")->capture_default_str();
}

void add_training_options(CLI::App& command, Options& options) {
  SequenceOptions& model = options.model;
  BatchOptions& batches = model.batches;
  add_choice<SequenceLoss, SequenceLoss>(command, "--loss", model.loss,
                                         {{"softmax", SequenceLoss::kSoftmax},
                                          {"sampled-softmax", SequenceLoss::kSampledSoftmax},
                                          {"bce", SequenceLoss::kBce},
                                          {"gbce", SequenceLoss::kGbce}},
                                         "softmax over all items (default) or over sampled ones with logQ correction; bce, gbce: each item apart");
  command.add_option("--negatives", model.negatives, "Items drawn: sampled-softmax for a batch, bce and gbce for each prediction")
      ->type_name("N")->capture_default_str();
  command.add_option("--sampling", model.sampling, "They are drawn in proportion to count^E; 0: all alike")->type_name("E")->capture_default_str();
  command.add_option("--calibration", model.calibration, "t of gbce: 0 is bce, 1 calibrated for full softmax")->type_name("T")->capture_default_str();
  command.add_option("-e,--epochs", model.epochs, "Passes over the data; the most, with --valid")->type_name("N")->capture_default_str();
  command.add_option("--batch", batches.batch, "Sequences of a step")->type_name("N")->capture_default_str();
  add_choice<OptimizerKind, OptimizerKind>(command, "--optimizer", model.optimizer.kind,
                                           {{"sgd", OptimizerKind::kSgd}, {"adagrad", OptimizerKind::kAdagrad}, {"adam", OptimizerKind::kAdam}, {"adamw", OptimizerKind::kAdamW}},
                                           "(default adam)");
  command.add_option("--rate", model.schedule.rate, "Learning rate, the highest")->type_name("R")->capture_default_str();
  add_choice<ScheduleKind, ScheduleKind>(command, "--schedule", model.schedule.kind,
                                         {{"constant", ScheduleKind::kConstant}, {"linear", ScheduleKind::kLinear}, {"cosine", ScheduleKind::kCosine}},
                                         "How the rate falls, to 0 at the end of --epochs (default constant)");
  command.add_option("--warmup", model.schedule.warmup, "Steps in which the rate rises")->type_name("N")->capture_default_str();
  command.add_option("--weight-decay", model.optimizer.weight_decay, "L2 regularisation; of adamw, apart from the gradient")->type_name("L")->capture_default_str();
  command.add_option("--clip", model.clip, "Greatest norm of a step's gradient; 0: any")->type_name("C")->capture_default_str();
  add_choice<Windows, Windows>(command, "--windows", batches.windows, {{"last", Windows::kLast}, {"random", Windows::kRandom}, {"all", Windows::kAll}},
                               "Of sequences beyond --max-len: the last items (default), others each epoch, or all, in windows");
  command.add_option("--crop", batches.crop, "Probability that a sequence is cut to a random part of it")->type_name("P")->capture_default_str();
  command.add_option("--reorder", batches.reorder, "Probability that a random part of it is shuffled")->type_name("P")->capture_default_str();
  command.add_option("--drop-items", batches.drop_items, "Probability that an item read counts as nothing")->type_name("P")->capture_default_str();
  if (!model.shape.causal) command.add_option("--mask", batches.hidden, "Share of a sequence's items that are hidden")->type_name("P")->capture_default_str();
  command.add_option("--seed", model.seed, "Seed of everything random")->type_name("N")->capture_default_str();
  add_epoch_options(command, options.fit);
}

void check_options(const CLI::App& command, Options& options) {
  SequenceOptions& model = options.model;
  model.shape.hidden = options.hidden.value_or(4 * model.shape.dim);
  model.check();
  option_needs(command, "--negatives", "--loss sampled-softmax, bce or gbce", model.loss != SequenceLoss::kSoftmax);
  option_needs(command, "--sampling", "--loss sampled-softmax, bce or gbce", model.loss != SequenceLoss::kSoftmax);
  option_needs(command, "--calibration", "--loss gbce", model.loss == SequenceLoss::kGbce);
  check_epoch_files(options.fit, options.embed);
  options.fit.epochs = model.epochs;
  options.fit.histories = true;
  check_epoch_options(command, options.embed, options.fit);
}

TrainingResult train(const Options& options, const Interactions& data, const FitEvents& events) {
  const int threads = options.fit.threads;
  const size_t memory = SequenceTrainer::memory(data, options.model, threads);
  events.detail(fmt::format("{} parameters beside the items' {}; training takes {:.1f} MiB beside the rows read",
                            TransformerParameters(options.model.shape).size, data.items.size() * static_cast<size_t>(options.model.shape.dim),
                            static_cast<double>(memory) / 1048576.0));
  require_memory(memory, fmt::format("a Transformer of {} factors over {} items", options.model.shape.dim, data.items.size()).c_str());
  std::unique_ptr<SequenceTrainer> trainer;
  return fit(data, csr_by_user(data, {}), options.fit, events, [&] {
    trainer = std::make_unique<SequenceTrainer>(data, options.model, threads);
    TrainingSteps steps;
    steps.epoch = [&] { trainer->epoch(); };
    steps.objective = [&] { return trainer->objective(); };
    steps.artefact = [&] { return trainer->artefact(data); };
    steps.state = [&] { return trainer->state(data); };
    steps.restore = [&](const Artefact& state) { trainer->restore(state); };
    return steps;
  });
}

EmbedCommand declare(CLI::App& app, const char* name, const char* text, bool causal) {
  auto options = std::make_shared<Options>();
  options->model.shape.causal = causal;
  CLI::App* command = app.add_subcommand(name, text);
  add_shape_options(*command, *options);
  add_training_options(*command, *options);
  add_embed_options(*command, options->embed);
  return {command, [options, command, name] {
            check_options(*command, *options);
            WantedColumns wanted;
            wanted.timestamp = true;
            return run_epochs(name, options->embed, options->fit, wanted,
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
