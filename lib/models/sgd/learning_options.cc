#include "models/sgd/learning_options.h"

#include <utility>

namespace rec {

void LearningOptions::describe_steps(OptionTable& table, const char* epochs_default, const std::string& rate_default) {
  const OptionTable::Section section(table, "Training");
  // A rate that falls depends on how many epochs there are to be.
  Option& passes =
      table.add("-e,--epochs", epochs, "N", "Passes over the data; with --valid the greatest number of them")
          .at_least(0)
          .key("schedule-epochs")
          .in_model_if([this] { return schedule.kind != ScheduleKind::kConstant; });
  if (*epochs_default != '\0') passes.default_text(epochs_default);
  table.choice("--optimizer", optimizer.kind, kOptimizers, "Optimiser");
  Option& rate =
      table.add("--learning-rate", schedule.rate, "R", "Learning rate, at its highest").above(0).formerly("rate");
  if (!rate_default.empty()) rate.default_text(rate_default);
  table.choice("--schedule", schedule.kind, kSchedules,
               "How the learning rate falls to 0 over all --epochs; constant: it does not");
  table.add("--warmup", schedule.warmup, "N", "Steps in which the learning rate rises from 0").range(0, 1e9);
  table.add("--weight-decay", optimizer.weight_decay, "L", "L2 regularisation; with adamw separate from the gradient")
      .at_least(0);
  table.add("--clip-norm", clip, "C", "Largest norm of the gradient of a step; 0: no limit")
      .at_least(0)
      .formerly("clip");
  table.add("--seed", seed, "N", "Seed of all random choices");
}

void LearningOptions::describe_form(OptionTable& table, const char* needed, std::function<bool()> holds,
                                    const char* needed_truncation, std::function<bool()> truncates) {
  const auto truncated = [this] { return truncation.any(); };
  table
      .add("--label-smoothing", form.smoothing, "E",
           "The target of the chosen item is 1 - E; the items that it is compared with share E")
      .at_least(0)
      .below(1)
      .needs(needed, holds)
      .in_model_if([this] { return form.smoothing > 0.0; });
  table
      .add(
          "--reweight-loss", form.reweight, "B",
          "Multiply the gradient of a loss by p^B, where p is the probability that the model gives to the label; 0: no")
      .range(0, 1)
      .needs(needed, std::move(holds))
      .excludes("--label-smoothing")
      .in_model_if([this] { return form.reweight > 0.0; });
  table
      .add("--truncate-loss", truncation.share, "P",
           "Leave out of a batch the fraction P of its predictions that have the largest losses; 0: none")
      .at_least(0)
      .below(1)
      .needs(needed_truncation, std::move(truncates))
      .in_model_if(truncated);
  table
      .add("--truncate-epochs", truncation.epochs, "N", "Passes over the data in which that fraction rises from 0 to P")
      .range(0, 1000000)
      .needs("--truncate-loss", truncated)
      .in_model_if(truncated);
}

void LearningOptions::describe_negatives(OptionTable& table, std::string help, const char* needed,
                                         std::function<bool()> drawn) {
  table.add("--negatives", negatives, "N", std::move(help)).range(1, 1 << 20).needs(needed, drawn).in_model_if(drawn);
  table.add("--negative-exponent", negative_exponent, "E", "Items are drawn in proportion to count^E; 0: uniformly")
      .range(-4, 4)
      .needs(needed, drawn)
      .in_model_if(drawn);
}

void describe_features(OptionTable& table, FeatureOptions& features, double& id_dropout, bool drops_users) {
  const OptionTable::Section section(table, "Features");
  const auto given = [&features, drops_users] {
    return drops_users ? features.given() : features.given(IdKind::kItem);
  };
  features.describe(table);
  Option& dropout = table.add(
      "--id-dropout", id_dropout, "P",
      drops_users ? "Probability that a step knows an item or a user by its features alone, as new ones are known"
                  : "Probability that a step knows an item by its features alone, as new items are known");
  if (drops_users)
    dropout.range(0, 1);
  else
    dropout.at_least(0).below(1);
  dropout.needs(drops_users ? "--item-features or --user-features" : "--item-features", given).in_model_if(given);
}

void SequenceLearningOptions::describe(OptionTable& table) {
  const OptionTable::Section section(table, "Loss");
  table.choice("--loss", loss, kSequenceLosses,
               "softmax over all items or over sampled ones with logQ correction; bce, gbce: each item by itself");
  describe_negatives(table, "Items drawn: by sampled-softmax for a batch, by bce and gbce for each prediction",
                     "--loss sampled-softmax, bce or gbce", [this] { return draws_negatives(); });
  table.add("--calibration", calibration, "T", "t of gbce: 0 is bce, 1 calibrated for full softmax")
      .range(0, 1)
      .needs("--loss gbce", [this] { return loss == SequenceLoss::kGbce; })
      .in_model_if([this] { return loss == SequenceLoss::kGbce; });
  const auto always = [] { return true; };
  describe_form(table, "", always, "", always);
  table.heading("Training");
  table.add("--dropout", dropout, "P", "Fraction of values left out at random in training").at_least(0).below(1);
  describe_steps(table);
}

}  // namespace rec
