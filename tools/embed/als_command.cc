#include "embed/als_command.h"

#include "base/error.h"

namespace rec {
namespace {

// The model's options where the command line names none.
void adopt(const CLI::App& command, const AlsOptions& base, AlsOptions& als) {
  const auto keep = [&](const char* name, auto& value, const auto& its) {
    if (command.get_option(name)->count() == 0) value = its;
  };
  if (als.dim != base.dim && command.get_option("--dim")->count() > 0) fail_usage("--dim: the model of --init has {} factors, expected {}", base.dim, als.dim);
  als.dim = base.dim;
  keep("--block", als.block, base.block);
  keep("--unobserved-weight", als.unobserved_weight, base.unobserved_weight);
  keep("--reg", als.regularization, base.regularization);
  keep("--reg-exponent", als.exponent, base.exponent);
  keep("--stddev", als.stddev, base.stddev);
  keep("--seed", als.seed, base.seed);
  keep("--confidence", als.confidence, base.confidence);
  keep("--confidence-scale", als.confidence_scale, base.confidence_scale);
  keep("--half-life", als.half_life, base.half_life);
}

void check_side(const CLI::App& command, const AlsCommand& options) {
  if (options.init.empty()) fail_usage("--side needs --init");
  for (const char* name : {"--epochs", "--valid", "--log", "--checkpoint"}) {
    if (command.get_option(name)->count() > 0) fail_usage("{} does not apply to --side", name);
  }
  if (options.fit.als.half_life > 0 && !options.fit.als.now) fail_usage("--side with a half-life needs --now: a part does not know the newest timestamp");
  if (options.embed.common.output.ends_with(".safetensors")) fail_usage("--side writes rows, not a model: {}", options.embed.common.output);
}

void check_files(const AlsCommand& options) {
  const FitOptions& fit = options.fit;
  if ((fit.valid == "-") + (options.embed.input == "-") + (options.init == "-") > 1) fail_usage("stdin (-) is used for more than one input");
  const std::string& output = options.embed.common.output;
  if (fit.log == output) fail_usage("--log and --output are the same file: {}", fit.log);
  if (fit.checkpoint.empty()) return;
  if (fit.checkpoint == "-") fail_usage("--checkpoint: expected a file");
  if (fit.checkpoint == output) fail_usage("--checkpoint and --output are the same file: {}", output);
  if (fit.checkpoint == fit.log) fail_usage("--checkpoint and --log are the same file: {}", fit.log);
}

}  // namespace

void add_als_options(CLI::App& command, AlsCommand& options) {
  AlsOptions& als = options.fit.als;
  command.add_option("-d,--dim", als.dim, "Factors, 1 to 1024")->type_name("N")->capture_default_str();
  command.add_option("-e,--epochs", als.epochs, "Passes over the data; the most, with --valid")->type_name("N")->capture_default_str();
  command.add_option("--block", als.block, "Factors solved for at a time; 0: all, exactly (default 0 up to dim 128, else 32)")->type_name("B");
  command.add_option("--unobserved-weight", als.unobserved_weight, "Weight of a pair not in the data, beside 1 for one that is")
      ->type_name("W")->capture_default_str();
  command.add_option("--reg", als.regularization, "L2 regularisation")->type_name("L")->capture_default_str();
  command.add_option("--reg-exponent", als.exponent, "How it grows with a row's frequency: 1 in proportion, 0 not at all")
      ->type_name("NU")->capture_default_str();
  command.add_option("--stddev", als.stddev, "Initial vectors: factors are N(0, S^2/dim)")->type_name("S")->capture_default_str();
  command.add_option("--seed", als.seed, "Seed of the initial vectors")->type_name("N")->capture_default_str();
  add_choice<Confidence, Confidence>(command, "--confidence", als.confidence,
                                     {{"none", Confidence::kNone}, {"linear", Confidence::kLinear}, {"log", Confidence::kLog}},
                                     "Weight of a pair from its value v: none 1 (default), linear 1+A*v, log 1+A*ln(1+v)");
  command.add_option("--confidence-scale", als.confidence_scale, "A of --confidence")->type_name("A")->capture_default_str();
  command.add_option("--half-life", als.half_life, "Halve a pair's weight with each T of its age, in the timestamps' unit")->type_name("T")
      ->check(above_zero());
  command.add_option("--now", als.now, "The time that ages count back from (default: the newest timestamp)")->type_name("T");
  command.add_option("--init", options.init, "Start from this als model; options not given are its own")->type_name("MODEL");
  add_choice<std::optional<AlsHalf>, AlsHalf>(command, "--side", options.side, {{"user", AlsHalf::kUsers}, {"item", AlsHalf::kItems}},
                                       "One half step alone, of the users (items) in the input, against the other side of --init; "
                                       "writes rows for rec-model join");
  command.add_option("--checkpoint", options.fit.checkpoint, "Replace this file after each epoch by all that --resume needs")->type_name("FILE");
  command.add_flag("--resume", options.fit.resume, "Go on from --checkpoint, if it is there");
  command.add_option("--valid", options.fit.valid, "Held-out interactions: keep the epoch that is best on them")->type_name("FILE");
  command.add_option("--metric", options.fit.metric, "Ranking metric for --valid, over all items but those of training")
      ->type_name("NAME")->capture_default_str();
  command.add_option("--patience", options.fit.patience, "Stop after N epochs that are not better")->type_name("N")
      ->check(CLI::Range(1, 1000000))->capture_default_str();
  command.add_option("--log", options.fit.log, "Write a TSV line an epoch: epoch, seconds, objective, metric")->type_name("FILE");
}

std::unique_ptr<Artefact> check_als_options(const CLI::App& command, AlsCommand& options) {
  FitOptions& fit = options.fit;
  check_files(options);
  std::unique_ptr<Artefact> init;
  if (!options.init.empty()) {
    fit.als.check();
    init = std::make_unique<Artefact>(read_artefact(options.init, options.embed.common.jobs()));
    const std::string name = input_name(options.init);
    const auto model = init->meta.find("model");
    if (model == init->meta.end() || model->second != "als") fail("{}: not a model of rec-embed als", name);
    init->items.index();
    init->users.index();
    adopt(command, read_als_options(*init), fit.als);
    fit.init = init.get();
    fit.init_name = name;
  }
  fit.als.check();
  option_needs(command, "--confidence-scale", "--confidence", fit.als.confidence != Confidence::kNone);
  option_needs(command, "--now", "--half-life", fit.als.half_life > 0);
  option_needs(command, "--metric", "--valid", !fit.valid.empty());
  option_needs(command, "--patience", "--valid", !fit.valid.empty());
  option_needs(command, "--valid", "--epochs above 0", fit.als.epochs > 0);
  option_needs(command, "--resume", "--checkpoint", !fit.checkpoint.empty());
  if (options.side) check_side(command, options);
  fit.objective = options.embed.common.verbose;
  fit.side = options.embed.common.side_options();
  fit.threads = options.embed.common.jobs();
  if (parse_metric(fit.metric).info->kind != MetricKind::kRanking) fail_usage("--metric: {} is not a ranking metric", fit.metric);
  return init;
}

}  // namespace rec
