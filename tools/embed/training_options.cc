#include "embed/training_options.h"

namespace rec {

void add_learning_options(OptionTable& table, LearningOptions& options, int& batch, const char* default_loss) {
  table
      .one_of<SequenceLoss, SequenceLoss>(
          "--loss", options.loss,
          {{"softmax", SequenceLoss::kSoftmax},
           {"sampled-softmax", SequenceLoss::kSampledSoftmax},
           {"bce", SequenceLoss::kBce},
           {"gbce", SequenceLoss::kGbce}},
          "softmax over all items or over sampled ones with logQ correction; bce, gbce: each item by itself")
      .default_text(default_loss);
  table.add("--negatives", options.negatives, "N",
            "Items drawn: sampled-softmax for a batch, bce and gbce for each prediction");
  table.add("--negative-exponent", options.negative_exponent, "E",
            "They are drawn in proportion to count^E; 0: all alike");
  table.add("--calibration", options.calibration, "T", "t of gbce: 0 is bce, 1 calibrated for full softmax");
  table.add("-e,--epochs", options.epochs, "N", "Passes over the data; the most, with --valid");
  table.add("--batch", batch, "N", "Sequences of a step");
  table.one_of<OptimizerKind, OptimizerKind>("--optimizer", options.optimizer.kind,
                                             {{"sgd", OptimizerKind::kSgd},
                                              {"adagrad", OptimizerKind::kAdagrad},
                                              {"adam", OptimizerKind::kAdam},
                                              {"adamw", OptimizerKind::kAdamW}},
                                             "How a step moves the weights");
  table.add("--learning-rate", options.schedule.rate, "R", "Learning rate, the highest");
  table.one_of<ScheduleKind, ScheduleKind>(
      "--schedule", options.schedule.kind,
      {{"constant", ScheduleKind::kConstant}, {"linear", ScheduleKind::kLinear}, {"cosine", ScheduleKind::kCosine}},
      "How the rate falls, to 0 at the end of --epochs");
  table.add("--warmup", options.schedule.warmup, "N", "Steps in which the rate rises");
  table.add("--weight-decay", options.optimizer.weight_decay, "L",
            "L2 regularisation; of adamw, apart from the gradient");
  table.add("--clip-norm", options.clip, "C", "Greatest norm of a step's gradient; 0: any");
}

void check_learning_options(const OptionTable& table, const LearningOptions& options) {
  const bool draws = options.loss != SequenceLoss::kSoftmax;
  option_needs(table, "--negatives", "--loss sampled-softmax, bce or gbce", draws);
  option_needs(table, "--negative-exponent", "--loss sampled-softmax, bce or gbce", draws);
  option_needs(table, "--calibration", "--loss gbce", options.loss == SequenceLoss::kGbce);
}

void add_dropout_option(OptionTable& table, LearningOptions& options) {
  table.add("--dropout", options.dropout, "P", "Share of values left out at random in training");
}

void add_window_option(OptionTable& table, int& window) {
  table.add("--max-len", window, "N", "Items of a history that are read, its last ones");
}

void add_windows_options(OptionTable& table, BatchOptions& batches) {
  table.one_of<Windows, Windows>(
      "--windows", batches.windows, {{"last", Windows::kLast}, {"random", Windows::kRandom}, {"all", Windows::kAll}},
      "Of sequences beyond --max-len: the last items, others each epoch, or all, in windows");
  table.add("--crop", batches.crop, "P", "Probability that a sequence is cut to a random part of it");
  table.add("--reorder", batches.reorder, "P", "Probability that a random part of it is shuffled");
  table.add("--drop-items", batches.drop_items, "P", "Probability that an item read counts as nothing");
}

void add_seed_option(OptionTable& table, LearningOptions& options) {
  table.add("--seed", options.seed, "N", "Seed of everything random");
}

}  // namespace rec
