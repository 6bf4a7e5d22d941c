#include "embed/training_options.h"

#include "embed/epochs.h"
#include "models/sgd/run_size.h"

namespace rec {

void add_learning_options(CLI::App& command, LearningOptions& options, std::optional<int>& batch, int least_batch,
                          const char* default_loss) {
  add_choice<SequenceLoss, SequenceLoss>(
      command, "--loss", options.loss,
      {{"softmax", SequenceLoss::kSoftmax},
       {"sampled-softmax", SequenceLoss::kSampledSoftmax},
       {"bce", SequenceLoss::kBce},
       {"gbce", SequenceLoss::kGbce}},
      std::string(
          "softmax over all items or over sampled ones with logQ correction; bce, gbce: each item apart (default ") +
          default_loss + ")");
  command
      .add_option("--negatives", options.negatives,
                  "Items drawn: sampled-softmax for a batch, bce and gbce for each prediction")
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--negative-exponent", options.negative_exponent,
                  "They are drawn in proportion to count^E; 0: all alike")
      ->type_name("E")
      ->capture_default_str();
  command.add_option("--calibration", options.calibration, "t of gbce: 0 is bce, 1 calibrated for full softmax")
      ->type_name("T")
      ->capture_default_str();
  command.add_option("-e,--epochs", options.epochs, "Passes over the data; the most, with --valid")
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--batch", batch,
                  fmt::format("Sequences of a step (default: by size, users / 64, {} to 256)", least_batch))
      ->type_name("N");
  add_choice<OptimizerKind, OptimizerKind>(command, "--optimizer", options.optimizer.kind,
                                           {{"sgd", OptimizerKind::kSgd},
                                            {"adagrad", OptimizerKind::kAdagrad},
                                            {"adam", OptimizerKind::kAdam},
                                            {"adamw", OptimizerKind::kAdamW}},
                                           "(default adam)");
  command.add_option("--learning-rate", options.schedule.rate, "Learning rate, the highest")
      ->type_name("R")
      ->capture_default_str();
  add_choice<ScheduleKind, ScheduleKind>(
      command, "--schedule", options.schedule.kind,
      {{"constant", ScheduleKind::kConstant}, {"linear", ScheduleKind::kLinear}, {"cosine", ScheduleKind::kCosine}},
      "How the rate falls, to 0 at the end of --epochs (default constant)");
  command.add_option("--warmup", options.schedule.warmup, "Steps in which the rate rises")
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--weight-decay", options.optimizer.weight_decay,
                  "L2 regularisation; of adamw, apart from the gradient")
      ->type_name("L")
      ->capture_default_str();
  command.add_option("--clip-norm", options.clip, "Greatest norm of a step's gradient; 0: any")
      ->type_name("C")
      ->capture_default_str();
}

void resolve_batch(std::optional<int> given, int least, const Interactions& data, const LearningOptions& options,
                   BatchOptions& batches, const FitEvents& events) {
  batches.batch = given.value_or(batch_by_size(data.users.size(), 64, least, 256));
  tell_run_size(data.users.size(), batches.batch, options.epochs, "sequences", events);
}

void check_learning_options(const CLI::App& command, const LearningOptions& options) {
  const bool draws = options.loss != SequenceLoss::kSoftmax;
  option_needs(command, "--negatives", "--loss sampled-softmax, bce or gbce", draws);
  option_needs(command, "--negative-exponent", "--loss sampled-softmax, bce or gbce", draws);
  option_needs(command, "--calibration", "--loss gbce", options.loss == SequenceLoss::kGbce);
}

void add_dropout_option(CLI::App& command, LearningOptions& options) {
  command.add_option("--dropout", options.dropout, "Share of values left out at random in training")
      ->type_name("P")
      ->capture_default_str();
}

void add_window_option(CLI::App& command, int& window) {
  command.add_option("--max-len", window, "Items of a history that are read, its last ones")
      ->type_name("N")
      ->capture_default_str();
}

void add_windows_options(CLI::App& command, BatchOptions& batches) {
  add_choice<Windows, Windows>(
      command, "--windows", batches.windows,
      {{"last", Windows::kLast}, {"random", Windows::kRandom}, {"all", Windows::kAll}},
      "Of sequences beyond --max-len: the last items (default), others each epoch, or all, in windows");
  command.add_option("--crop", batches.crop, "Probability that a sequence is cut to a random part of it")
      ->type_name("P")
      ->capture_default_str();
  command.add_option("--reorder", batches.reorder, "Probability that a random part of it is shuffled")
      ->type_name("P")
      ->capture_default_str();
  command.add_option("--drop-items", batches.drop_items, "Probability that an item read counts as nothing")
      ->type_name("P")
      ->capture_default_str();
}

void add_seed_option(CLI::App& command, LearningOptions& options) {
  command.add_option("--seed", options.seed, "Seed of everything random")->type_name("N")->capture_default_str();
}

}  // namespace rec
