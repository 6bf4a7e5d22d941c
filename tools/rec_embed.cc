// rec-embed: trains a model from interactions. A subcommand a model.
#include "base/error.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "data/interactions_tsv.h"
#include "io/number.h"
#include "models/als_trainer.h"
#include "models/popularity.h"
#include "score/training_loop.h"

namespace {

using namespace rec;

struct Options {
  CommonOptions common;
  std::string input = "-";
  AlsOptions als;
  std::string confidence = "none";
  std::string valid;
  std::string metric = "ndcg@10";
  int patience = 3;
  std::string log;
};

void add_shared(CLI::App& command, Options& options) {
  command.add_option("FILE", options.input, "Interactions: user item [value [timestamp]]; - (default) is stdin")->type_name("");
  add_table_options(command, options.common, interactions_spec());
  command.remove_option(command.get_option("--header"));  // a model has no header line
  add_common_options(command, options.common);
}

void add_als(CLI::App& command, Options& options) {
  AlsOptions& als = options.als;
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
  command.add_option("--valid", options.valid, "Held-out interactions: keep the epoch that is best on them")->type_name("FILE");
  command.add_option("--metric", options.metric, "Ranking metric for --valid, over all items but those of training")
      ->type_name("NAME")->capture_default_str();
  command.add_option("--patience", options.patience, "Stop after N epochs that are not better")->type_name("N")
      ->check(CLI::Range(1, 1000000))->capture_default_str();
  command.add_option("--log", options.log, "Write a TSV line an epoch: epoch, seconds, objective, metric")->type_name("FILE");
}

void check_als(const CLI::App& command, Options& options) {
  options.als.confidence = confidence_of(options.confidence);
  options.als.check();
  auto needs = [&](const char* option, const char* other, bool given) {
    if (command.get_option(option)->count() > 0 && !given) fail_usage("{} needs {}", option, other);
  };
  needs("--confidence-scale", "--confidence", options.als.confidence != Confidence::kNone);
  needs("--metric", "--valid", !options.valid.empty());
  needs("--patience", "--valid", !options.valid.empty());
  if (options.valid == "-" && options.input == "-") fail_usage("the interactions and --valid cannot both be stdin");
  if (parse_metric(options.metric).info->kind != MetricKind::kRanking) fail_usage("--metric: {} is not a ranking metric", options.metric);
}

LoadedInteractions load(const Options& options, bool want_value, const Report& report) {
  Progress progress("reading", options.common);
  ReadOptions read = options.common.read_options();
  read.progress = [&](uint64_t bytes) { progress.update(static_cast<double>(bytes) / 1e6, 0, "MB"); };
  LoadedInteractions loaded = read_interactions(options.input, read, want_value, false, options.common.jobs());
  const std::string name = input_name(options.input);
  report.bad_lines(loaded.bad_lines, name);
  if (loaded.data.size() == 0) fail("{}: no interactions", name);
  if (want_value && loaded.data.value.empty()) fail("{}: no value column, as --confidence needs", name);
  report.detail(fmt::format("{} interactions of {} users with {} items", loaded.data.size(), loaded.data.users.size(),
                            loaded.data.items.size()));
  return loaded;
}

void write_model(const Artefact& artefact, const Options& options) {
  Output out(options.common.output);
  write_artefact(artefact, encoding_for(options.common.output), out, options.common.jobs());
  out.finish();
}

int run_pop(const Options& options) {
  const Report report("rec-embed", options.common);
  const LoadedInteractions loaded = load(options, false, report);
  write_model(fit_popularity(loaded.data, csr_by_user(loaded.data, {}, Duplicates::kSum)), options);
  report.finish();
  return kExitDone;
}

int run_als(const Options& options) {
  const Report report("rec-embed", options.common);
  const int threads = options.common.jobs();
  const bool weighted = options.als.confidence != Confidence::kNone;
  const LoadedInteractions loaded = load(options, weighted, report);
  const Interactions& data = loaded.data;
  Csr by_user = csr_by_user(data, data.value, Duplicates::kSum);
  for (float& value : by_user.weight) value = options.als.weight(value);

  std::unique_ptr<Validation> validation;
  if (!options.valid.empty()) {
    UserItems held_out = read_user_items(options.valid, options.common.side_options(), true, false, threads);
    report.bad_lines(held_out.bad_lines, input_name(options.valid));
    TruthOptions truth;
    truth.repeats = Repeats::kFirst;
    validation = std::make_unique<Validation>(make_truth(std::move(held_out), truth, input_name(options.valid)),
                                              parse_metric(options.metric), data, by_user);
  }
  std::unique_ptr<Output> log;
  if (!options.log.empty()) {
    log = std::make_unique<Output>(options.log);
    log->write(fmt::format("epoch\tseconds\tobjective{}\n", validation ? "\t" + validation->metric_name() : ""));
  }
  const double factors_mib = static_cast<double>(data.users.size() + data.items.size()) * static_cast<double>(pad16(static_cast<size_t>(options.als.dim))) * 4 / 1048576;
  report.detail(fmt::format("{} distinct pairs; {:.1f} MiB of factors, {:.1f} MiB of pairs", by_user.entries(), factors_mib,
                            static_cast<double>(by_user.entries()) * (weighted ? 16 : 8) / 1048576));

  AlsTrainer trainer(by_user, data.items.size(), options.als, threads);
  Progress progress("als", options.common);
  const TrainingSteps steps{[&] { trainer.epoch(); }, [&] { return trainer.objective(); }, [&] { return trainer.artefact(data); }};
  const TrainingOptions training{options.als.epochs, options.patience, log != nullptr || options.common.verbose, threads};
  const TrainingResult result = train(steps, training, validation.get(), [&](const TrainingRecord& record) {
    progress.update(record.epoch, options.als.epochs, "epochs");
    std::string line = fmt::format("{}\t{:.3f}\t{}", record.epoch, record.seconds, record.objective);
    if (validation) line += fmt::format("\t{}", record.metric);
    report.detail("epoch " + line);
    if (!log) return;
    log->write(line + "\n");
    log->flush();
  });
  if (validation) {
    report.note(fmt::format("best epoch {} of at most {}: {} {:.5f}", result.best_epoch, options.als.epochs,
                            validation->metric_name(), result.best_metric));
  }
  write_model(result.artefact, options);
  if (log) log->finish();
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
