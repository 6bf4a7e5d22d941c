// rec-embed: trains a model from interactions. A subcommand a model.
#include "base/error.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "data/interactions_tsv.h"
#include "io/number.h"
#include "models/popularity.h"
#include "score/fit.h"

namespace {

using namespace rec;

struct Options {
  CommonOptions common;
  std::string input = "-";
  FitOptions fit;
  std::string confidence = "none";
};

void add_shared(CLI::App& command, Options& options) {
  command.add_option("FILE", options.input, "Interactions: user item [value [timestamp]]; - (default) is stdin")->type_name("");
  add_table_options(command, options.common, interactions_spec());
  command.remove_option(command.get_option("--header"));  // a model has no header line
  add_common_options(command, options.common);
}

void add_als(CLI::App& command, Options& options) {
  AlsOptions& als = options.fit.als;
  command.add_option("-d,--dim", als.dim, "Factors, 1 to 1024")->type_name("N")->capture_default_str();
  command.add_option("-e,--epochs", als.epochs, "Passes over the data; the most, with --valid")->type_name("N")->capture_default_str();
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

void check_als(const CLI::App& command, Options& options) {
  options.fit.als.confidence = confidence_of(options.confidence);
  options.fit.als.check();
  auto needs = [&](const char* option, const char* other, bool given) {
    if (command.get_option(option)->count() > 0 && !given) fail_usage("{} needs {}", option, other);
  };
  needs("--confidence-scale", "--confidence", options.fit.als.confidence != Confidence::kNone);
  needs("--metric", "--valid", !options.fit.valid.empty());
  needs("--patience", "--valid", !options.fit.valid.empty());
  if (options.fit.valid == "-" && options.input == "-") fail_usage("the interactions and --valid cannot both be stdin");
  if (options.fit.log == options.common.output) fail_usage("--log and --output are the same file: {}", options.fit.log);
  options.fit.objective = options.common.verbose;
  options.fit.side = options.common.side_options();
  options.fit.threads = options.common.jobs();
  if (parse_metric(options.fit.metric).info->kind != MetricKind::kRanking) fail_usage("--metric: {} is not a ranking metric", options.fit.metric);
}

LoadedInteractions load(const Options& options, bool want_value, const Report& report) {
  Progress progress("reading", options.common);
  const ReadOptions read = options.common.read_options(&progress);
  LoadedInteractions loaded = read_interactions(options.input, read, want_value, false, options.common.jobs());
  progress.clear();
  const std::string name = input_name(options.input);
  report.bad_lines(loaded.bad_lines, name);
  if (loaded.data.size() == 0) fail("{}: no interactions", name);
  if (want_value && loaded.data.value.empty()) fail("{}: no value column, as --confidence needs", name);
  report.detail(fmt::format("{} interactions of {} users with {} items", loaded.data.size(), loaded.data.users.size(),
                            loaded.data.items.size()));
  return loaded;
}

int run_pop(const Options& options) {
  const Report report("rec-embed", options.common);
  Output out(options.common.output);
  const LoadedInteractions loaded = load(options, false, report);
  const Artefact model = fit_popularity(loaded.data, csr_by_user(loaded.data, {}));
  write_artefact(model, encoding_for(options.common.output), out, options.common.jobs());
  out.finish();
  report.finish();
  return kExitDone;
}

int run_als(const Options& options) {
  const Report report("rec-embed", options.common);
  Output out(options.common.output);  // opened first: what cannot be written is not trained
  const LoadedInteractions loaded = load(options, options.fit.als.confidence != Confidence::kNone, report);
  Progress progress("als", options.common);
  const FitEvents events{[&](const std::string& text) { report.detail(text); },
                         [&](uint64_t count, const std::string& file) { report.bad_lines(count, file); },
                         [&](const TrainingRecord& record) { progress.update(record.epoch, options.fit.als.epochs, "epochs"); }};
  const TrainingResult result = fit_als(loaded.data, options.fit, events);
  progress.clear();
  if (!options.fit.valid.empty()) {
    report.note(fmt::format("best epoch {} of at most {}: {} {:.5f}", result.best_epoch, options.fit.als.epochs,
                            options.fit.metric, result.best_metric));
  }
  write_artefact(result.artefact, encoding_for(options.common.output), out, options.common.jobs());
  out.finish();
  report.finish();
  return kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  return run_main({"rec-embed", "Train a recommendation model from interactions",
                   [&options](CLI::App& app) -> std::function<int()> {
                     app.require_subcommand(1);
                     CLI::App* pop = app.add_subcommand("pop", "Popularity: items by their number of users");
                     add_shared(*pop, options);
                     CLI::App* als = app.add_subcommand("als", "Implicit-feedback matrix factorisation (iALS)");
                     add_als(*als, options);
                     add_shared(*als, options);
                     return [&options, pop, als] {
                       if (pop->parsed()) return run_pop(options);
                       check_als(*als, options);
                       return run_als(options);
                     };
                   }},
                  argc, argv);
}
