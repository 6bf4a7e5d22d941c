#include "models/als/als_options.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "models/common/history_weights.h"

namespace rec {

void AlsOptions::describe(OptionTable& table) {
  table.add("-d,--dim", dim, "N", "Factors of a user and of an item").range(1, 1024);
  table.add("-e,--epochs", epochs, "N", "Passes over the data; with --valid the greatest number of them").at_least(0);
  table.add("--block", block, "B", "How many factors are solved for at a time, a multiple of 16; 0: all, exactly")
      .range(0, 1024)
      .none(kBlockByDim)
      .default_text("0 up to dim 128, else 32")
      .in_model_as([this] { return std::to_string(block_factors()); });
  table
      .add("--unobserved-weight", unobserved_weight, "W",
           "Weight of a pair that is not in the data; a pair in the data has weight 1 or more")
      .at_least(0);
  table.add("--reg", regularization, "L", "L2 regularisation")
      .at_least(0)
      .default_text("by size, 4 / (W x items), at most 0.025");
  table
      .add("--reg-exponent", exponent, "NU",
           "How the regularisation grows with the frequency of a row: 1 in proportion, 0 not at all")
      .range(-4, 4);
  table.add("--init-std", stddev, "S", "Initial vectors: factors are N(0, S^2/dim)").above(0).formerly("stddev");
  table
      .add("--init-power-iterations", init_power_iterations, "N",
           "Passes over the data that turn the initial vectors towards its singular vectors")
      .at_least(0)
      .formerly("start-passes")
      .in_model_if([this] { return init_power_iterations > 0; });
  table.add("--seed", seed, "N", "Seed of the initial vectors");
  describe_prior_mean(table, features, feature_regularization, feature_use);
  describe_confidence(table, confidence, confidence_scale);
  describe_half_life(table, half_life, now);
}

void AlsOptions::check() const {
  check_ranges(*this);
  if (block != kBlockByDim && block % 16 != 0)
    fail_usage("--block: expected a multiple of 16 from 0 to 1024, found {}", block);
  if (!(unobserved_weight + regularization.value_or(1.0) > 0))
    fail_usage("--unobserved-weight and --reg cannot both be 0");
}

AlsOptions AlsOptions::resolved(size_t items) const {
  AlsOptions options = *this;
  if (!regularization) options.regularization = std::min(4.0 / (unobserved_weight * static_cast<double>(items)), 0.025);
  return options;
}

double AlsOptions::ridge(double weight_sum, size_t n) const {
  return regularization.value() * std::pow(weight_sum + unobserved_weight * static_cast<double>(n), exponent);
}

size_t AlsOptions::block_factors() const {
  const int factors = block != kBlockByDim ? block : dim <= 128 ? 0 : 32;
  return factors < dim ? static_cast<size_t>(factors) : 0;
}

float AlsOptions::weight(float value) const { return confidence_weight(confidence, confidence_scale, value); }

void describe_model(const AlsOptions& options, std::map<std::string, std::string>& meta) {
  meta["model"] = "als";
  meta["encoder"] = "als";
  meta["attention"] = "dot";
  meta["predictor"] = "dot";
  write_options(options, meta);
}

}  // namespace rec
