// rec-embed als: implicit-feedback matrix factorisation.
#include "base/error.h"
#include "cli/run_main.h"
#include "embed/embed.h"
#include "io/output.h"
#include "score/fit.h"

namespace rec {
namespace {

struct Options {
  EmbedOptions embed;
  FitOptions fit;
  std::string confidence = "none";
};

void add_options(CLI::App& command, Options& options) {
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
  command.add_option("--confidence", options.confidence, "Weight of a pair from its value v: none 1, linear 1+A*v, log 1+A*ln(1+v)")
      ->type_name("FORM")->check(CLI::IsMember({"none", "linear", "log"}))->capture_default_str();
  command.add_option("--confidence-scale", als.confidence_scale, "A of --confidence")->type_name("A")->capture_default_str();
  command.add_option("--valid", options.fit.valid, "Held-out interactions: keep the epoch that is best on them")->type_name("FILE");
  command.add_option("--metric", options.fit.metric, "Ranking metric for --valid, over all items but those of training")
      ->type_name("NAME")->capture_default_str();
  command.add_option("--patience", options.fit.patience, "Stop after N epochs that are not better")->type_name("N")
      ->check(CLI::Range(1, 1000000))->capture_default_str();
  command.add_option("--log", options.fit.log, "Write a TSV line an epoch: epoch, seconds, objective, metric")->type_name("FILE");
}

void check_options(const CLI::App& command, Options& options) {
  options.fit.als.confidence = confidence_of(options.confidence);
  options.fit.als.check();
  option_needs(command, "--confidence-scale", "--confidence", options.fit.als.confidence != Confidence::kNone);
  option_needs(command, "--metric", "--valid", !options.fit.valid.empty());
  option_needs(command, "--patience", "--valid", !options.fit.valid.empty());
  if (options.fit.valid == "-" && options.embed.input == "-") fail_usage("the interactions and --valid cannot both be stdin");
  if (options.fit.log == options.embed.common.output) fail_usage("--log and --output are the same file: {}", options.fit.log);
  options.fit.objective = options.embed.common.verbose;
  options.fit.side = options.embed.common.side_options();
  options.fit.threads = options.embed.common.jobs();
  if (parse_metric(options.fit.metric).info->kind != MetricKind::kRanking) fail_usage("--metric: {} is not a ranking metric", options.fit.metric);
}

int run_als(const Options& options) {
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output);  // opened first: what cannot be written is not trained
  WantedColumns wanted;
  wanted.value = options.fit.als.confidence != Confidence::kNone;
  wanted.value_for = "--confidence";
  const LoadedInteractions loaded = load_interactions(options.embed, wanted, report);
  Progress progress("als", options.embed.common);
  const FitEvents events{[&](const std::string& text) { report.detail(text); },
                         [&](uint64_t count, const std::string& file) { report.bad_lines(count, file); },
                         [&](const TrainingRecord& record) { progress.update(record.epoch, options.fit.als.epochs, "epochs"); }};
  const TrainingResult result = fit_als(loaded.data, options.fit, events);
  progress.clear();
  if (!options.fit.valid.empty()) {
    report.note(fmt::format("best epoch {} of at most {}: {} {:.5f}", result.best_epoch, options.fit.als.epochs,
                            options.fit.metric, result.best_metric));
  }
  write_model(result.artefact, options.embed, out);
  report.finish();
  return kExitDone;
}

}  // namespace

EmbedCommand declare_als(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("als", "Implicit-feedback matrix factorisation (iALS)");
  add_options(*command, *options);
  add_embed_options(*command, options->embed);
  return {command, [options, command] {
            check_options(*command, *options);
            return run_als(*options);
          }};
}

}  // namespace rec
