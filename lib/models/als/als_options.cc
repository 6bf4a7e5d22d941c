#include "models/als/als_options.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"

namespace rec {

void AlsOptions::check() const {
  if (dim < 1 || dim > 1024) fail_usage("--dim: expected 1 to 1024, found {}", dim);
  if (block != kBlockByDim && (block < 0 || block > 1024 || block % 16 != 0))
    fail_usage("--block: expected a multiple of 16 up to 1024, or 0, found {}", block);
  if (epochs < 0) fail_usage("--epochs: expected at least 0, found {}", epochs);
  if (!(unobserved_weight >= 0) || !std::isfinite(unobserved_weight))
    fail_usage("--unobserved-weight: expected at least 0, found {}", unobserved_weight);
  if (regularization && (!(*regularization >= 0) || !std::isfinite(*regularization)))
    fail_usage("--reg: expected at least 0, found {}", *regularization);
  if (!(unobserved_weight + regularization.value_or(1.0) > 0))
    fail_usage("--unobserved-weight and --reg cannot both be 0");
  if (!(std::abs(exponent) <= 4)) fail_usage("--reg-exponent: expected -4 to 4, found {}", exponent);
  check_confidence_scale(confidence_scale);
  if (!(stddev > 0) || !std::isfinite(stddev)) fail_usage("--init-std: expected more than 0, found {}", stddev);
  if (init_power_iterations < 0)
    fail_usage("--init-power-iterations: expected at least 0, found {}", init_power_iterations);
}

AlsOptions AlsOptions::resolved(size_t items) const {
  AlsOptions options = *this;
  if (!regularization) options.regularization = std::min(4.0 / (unobserved_weight * static_cast<double>(items)), 0.025);
  return options;
}

size_t AlsOptions::block_factors() const {
  const int factors = block != kBlockByDim ? block : dim <= 128 ? 0 : 32;
  return factors < dim ? static_cast<size_t>(factors) : 0;
}

float AlsOptions::weight(float value) const { return confidence_weight(confidence, confidence_scale, value); }

namespace {

// Calls visit(key, member) for each option that is a plain number in the model.
template <class Options, class Visit>
void visit_numbers(Options& options, Visit visit) {
  visit("dim", options.dim);
  visit("epochs", options.epochs);
  visit("unobserved-weight", options.unobserved_weight);
  visit("reg-exponent", options.exponent);
  visit("init-std", options.stddev);
  visit("confidence-scale", options.confidence_scale);
}

}  // namespace

void write_als_options(const AlsOptions& options, Artefact& artefact) {
  const auto write = [&](const char* key, auto value) { artefact.meta[key] = fmt::format("{}", value); };
  visit_numbers(options, write);
  if (options.regularization) write("reg", *options.regularization);
  write("block", options.block_factors());
  write("seed", options.seed);
  write("confidence", name_of(options.confidence));
  if (options.init_power_iterations > 0) write("init-power-iterations", options.init_power_iterations);
  if (options.half_life > 0) {
    write("half-life", options.half_life);
    if (options.now) write("now", *options.now);
  }
}

AlsOptions read_als_options(const Artefact& artefact) {
  AlsOptions options;
  const auto number = [&](const char* key, auto& value) {
    if (artefact.meta.contains(key)) value = static_cast<std::decay_t<decltype(value)>>(artefact.number(key));
  };
  visit_numbers(options, number);
  options.regularization = artefact.meta.contains("reg") ? artefact.number("reg") : 0.003;
  number("block", options.block);
  number("stddev", options.stddev);  // keys of version 0.1
  number("start-passes", options.init_power_iterations);
  if (const auto seed = artefact.meta.find("seed"); seed != artefact.meta.end()) {
    const char* end = seed->second.data() + seed->second.size();
    const auto [at, error] = std::from_chars(seed->second.data(), end, options.seed);
    if (error != std::errc() || at != end) fail("model: meta \"seed\": not a number: \"{}\"", printable(seed->second));
  }
  if (artefact.meta.contains("confidence")) options.confidence = confidence_of(artefact.text("confidence"));
  number("init-power-iterations", options.init_power_iterations);
  number("half-life", options.half_life);
  if (artefact.meta.contains("now")) options.now = artefact.number("now");
  return options;
}

}  // namespace rec
