#include "models/content/content_options.h"

#include "base/error.h"
#include "models/common/history_weights.h"

namespace rec {

void ContentOptions::describe(OptionTable& table) {
  const auto regresses = [this] { return user_model == UserModel::kRidge; };
  features.describe(table);
  table
      .add("-d,--dim", dim, "N",
           "Length of a vector: where there are more features, the N directions in which they differ most")
      .range(1, 1024);
  table.add("--seed", seed, "N", "Seed of the search for the directions");
  table.choice("--user-model", user_model, kUserModels,
               "mean: the vector of a user is the weighted mean of the history; ridge: a regression that tells the "
               "history from all other items");
  table
      .add("--unobserved-weight", unobserved_weight, "W",
           "Weight of a pair that is not in the data; a pair in the data has weight 1 or more")
      .at_least(0)
      .needs("--user-model ridge", regresses)
      .in_model_if(regresses);
  table.add("--reg", regularization, "L", "L2 regularisation of a user's regression")
      .at_least(0)
      .default_text("by size, 4 / (W x items), at most 0.025")
      .needs("--user-model ridge", regresses);
  table
      .add("--reg-exponent", exponent, "NU",
           "How the regularisation grows with the frequency of a user: 1 in proportion, 0 not at all")
      .range(-4, 4)
      .needs("--user-model ridge", regresses)
      .in_model_if(regresses);
  describe_confidence(table, confidence, confidence_scale);
  describe_half_life(table, half_life, now);
}

void ContentOptions::check() const {
  check_ranges(*this);
  if (!features.given()) fail_usage("content knows items by their features: give --item-features or --item-vectors");
  if (!(unobserved_weight + regularization.value_or(1.0) > 0))
    fail_usage("--unobserved-weight and --reg cannot both be 0");
}

}  // namespace rec
