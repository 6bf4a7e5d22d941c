#include "embed/als_command.h"

#include "base/error.h"
#include "embed/epochs.h"

namespace rec {
namespace {

// The model's options where the command line names none.
void adopt(const CLI::App& command, const AlsOptions& base, AlsOptions& als) {
  const auto keep = [&](const char* name, auto& value, const auto& its) {
    if (command.get_option(name)->count() == 0) value = its;
  };
  if (als.dim != base.dim && command.get_option("--dim")->count() > 0)
    fail_usage("--dim: the model of --init has {} factors, expected {}", base.dim, als.dim);
  if (command.get_option("--init-power-iterations")->count() > 0)
    fail_usage("--init-power-iterations does not apply to --init, which is the start");
  als.dim = base.dim;
  keep("--block", als.block, base.block);
  keep("--unobserved-weight", als.unobserved_weight, base.unobserved_weight);
  keep("--reg", als.regularization, base.regularization);
  keep("--reg-exponent", als.exponent, base.exponent);
  keep("--init-std", als.stddev, base.stddev);
  keep("--seed", als.seed, base.seed);
  keep("--confidence", als.confidence, base.confidence);
  keep("--confidence-scale", als.confidence_scale, base.confidence_scale);
  keep("--half-life", als.half_life, base.half_life);
}

void check_side(const CLI::App& command, const AlsCommand& options) {
  if (options.init.empty()) fail_usage("--half-epoch needs --init");
  for (const char* name : {"--epochs", "--valid", "--log", "--checkpoint"}) {
    if (command.get_option(name)->count() > 0) fail_usage("{} does not apply to --half-epoch", name);
  }
  if (options.als.als.half_life > 0 && !options.als.als.now)
    fail_usage("--half-epoch with a half-life needs --now: a part does not know the newest timestamp");
  if (options.embed.common.output.ends_with(".safetensors"))
    fail_usage("--half-epoch writes rows, not a model: {}", options.embed.common.output);
}

}  // namespace

void add_als_options(CLI::App& command, AlsCommand& options) {
  AlsOptions& als = options.als.als;
  command.add_option("-d,--dim", als.dim, "Factors, 1 to 1024")->type_name("N")->capture_default_str();
  command.add_option("-e,--epochs", als.epochs, "Passes over the data; the most, with --valid")
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--block", als.block,
                  "Factors solved for at a time; 0: all, exactly (default 0 up to dim 128, else 32)")
      ->type_name("B");
  command
      .add_option("--unobserved-weight", als.unobserved_weight,
                  "Weight of a pair not in the data, beside 1 for one that is")
      ->type_name("W")
      ->capture_default_str();
  command
      .add_option("--reg", als.regularization, "L2 regularisation (default: by size, 4 / (W x items), at most 0.025)")
      ->type_name("L");
  command
      .add_option("--reg-exponent", als.exponent, "How it grows with a row's frequency: 1 in proportion, 0 not at all")
      ->type_name("NU")
      ->capture_default_str();
  command.add_option("--init-std", als.stddev, "Initial vectors: factors are N(0, S^2/dim)")
      ->type_name("S")
      ->capture_default_str();
  command
      .add_option("--init-power-iterations", als.init_power_iterations,
                  "Passes over the data that turn them towards its singular vectors")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--seed", als.seed, "Seed of the initial vectors")->type_name("N")->capture_default_str();
  add_choice<Confidence, Confidence>(
      command, "--confidence", als.confidence,
      {{"none", Confidence::kNone}, {"linear", Confidence::kLinear}, {"log", Confidence::kLog}},
      "Weight of a pair from its value v: none 1 (default), linear 1+A*v, log 1+A*ln(1+v)");
  command.add_option("--confidence-scale", als.confidence_scale, "A of --confidence")
      ->type_name("A")
      ->capture_default_str();
  command
      .add_option("--half-life", als.half_life, "Halve a pair's weight with each T of its age, in the timestamps' unit")
      ->type_name("T")
      ->check(above_zero());
  command.add_option("--now", als.now, "The time that ages count back from (default: the newest timestamp)")
      ->type_name("T");
  command.add_option("--init", options.init, "Start from this als model; options not given are its own")
      ->type_name("MODEL");
  add_choice<std::optional<AlsHalf>, AlsHalf>(
      command, "--half-epoch", options.side, {{"user", AlsHalf::kUsers}, {"item", AlsHalf::kItems}},
      "One half step alone, of the users (items) in the input, against the other side of --init; "
      "writes rows for rec-model join");
  add_epoch_options(command, options.fit);
}

std::unique_ptr<Artefact> check_als_options(const CLI::App& command, AlsCommand& options) {
  AlsOptions& als = options.als.als;
  check_epoch_files(options.fit, options.embed, {options.init});
  std::unique_ptr<Artefact> init;
  if (!options.init.empty()) {
    als.check();
    init = std::make_unique<Artefact>(read_artefact(options.init, options.embed.common.jobs()));
    const std::string name = input_name(options.init);
    const auto model = init->meta.find("model");
    if (model == init->meta.end() || model->second != "als") fail("{}: not a model of rec-embed als", name);
    init->items.index();
    init->users.index();
    adopt(command, read_als_options(*init), als);
    options.als.init = init.get();
    options.als.init_name = name;
  }
  als.check();
  option_needs(command, "--confidence-scale", "--confidence", als.confidence != Confidence::kNone);
  option_needs(command, "--now", "--half-life", als.half_life > 0);
  options.fit.epochs = als.epochs;
  check_epoch_options(command, options.embed, options.fit);
  if (options.side) check_side(command, options);
  return init;
}

}  // namespace rec
