#include "tune/options.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/time.h"
#include "io/compressor.h"
#include "train/validation.h"
#include "tune/own_spaces.h"
#include "tune/run.h"

namespace rec {
namespace {

constexpr double kBudget = 600;  // seconds, where nothing else is said

double parse_budget(const std::string& text) {
  const std::optional<Duration> budget = parse_duration(text);
  if (!budget || !budget->seconds || !(budget->amount > 0))
    fail_usage("--budget: expected a time such as 30s, 10m or 2h, found \"{}\"", printable(text));
  return budget->amount;
}

std::vector<std::string> parse_models(const std::string& text) {
  std::vector<std::string> models;
  std::string name;
  for (const char c : text + ",") {
    if (c != ',') {
      name += c;
      continue;
    }
    if (!is_trainer(name))
      fail_usage("--models: expected names of trainers with commas between them ({}), found \"{}\"", trainer_names(),
                 printable(name));
    if (!has_own_space(name)) fail_usage("--models: {} has no space of its own; say its options by --space", name);
    if (std::find(models.begin(), models.end(), name) != models.end()) fail_usage("--models: {} is there twice", name);
    models.push_back(std::exchange(name, {}));
  }
  return models;
}

// A run of a trainer reads them anew. A folder is refused by what reads it.
void require_file(const std::string& path, const char* option) {
  struct stat status {};
  if (path == "-" || (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))
    fail_usage("{}: expected a file, which is read more than once, found {}", option,
               path == "-" ? "stdin (-)" : printable(path));
}

}  // namespace

void add_tune_options(OptionTable& table, TuneOptions& options) {
  table
      .add("FILE", options.inputs, "",
           "Interactions to train on: user item [value [timestamp]]; several are read as one")
      .reads()
      .required();
  table.add("--valid", options.valid, "FILE", "Held-out interactions: the model that is best on them is written")
      .reads()
      .required();
  table.add(
      "--metric", options.metric, "NAME",
      "The metric that decides: a ranking metric over all items except those of training, or rmse, mse or mae of mf");
  table.add("--space", options.spaces, "TRAINER...",
            "Try these options: a command line of a trainer with {A,B,C} or {A..B} or {A..B log} in place of some "
            "values; repeatable");
  table
      .parsed(
          "--models", [&options](const std::string& text) { options.models = parse_models(text); }, "NAME,...",
          "Try these trainers, with options that suit the data")
      .default_text("those that suit the data")
      .excludes("--space");
  table
      .parsed(
          "--budget", [&options](const std::string& text) { options.budget = parse_budget(text); }, "T",
          "End the search after this time: as 30s, 10m, 2h")
      .default_text("10m, without --trials");
  table.add("--trials", options.search.trials, "N", "End the search after N points: sets of options that were tried")
      .at_least(1)
      .default_text("no end");
  table.flag("--no-halving", options.search.halving, "Train every point to its end, not only the promising ones",
             false);
  table.add("--seed", options.search.seed, "N", "Seed of the points");
  table
      .add("--leaderboard", options.leaderboard, "FILE",
           "Write a table of all runs and their results; if FILE exists, continue the search from it")
      .writes();
  table.flag("--refit", options.refit,
             "Train the best model once more, on the held-out interactions too, and write that");
  add_table_options(table, options.common, interactions_spec());
  table.remove("--header");  // a model has no header line
  add_common_options(table, options.common);
}

void check_tune_options(const OptionTable& table, TuneOptions& options) {
  for (const std::string& path : options.inputs) require_file(path, "FILE");
  require_file(options.valid, "--valid");
  struct stat status {};
  if (options.leaderboard == "-" || (::stat(options.leaderboard.c_str(), &status) == 0 && !S_ISREG(status.st_mode)))
    fail_usage("--leaderboard: expected a file, found {}",
               options.leaderboard == "-" ? "stdout (-)" : printable(options.leaderboard));
  if (uncompressed_name(options.leaderboard).ends_with(".csv"))
    fail_usage("--leaderboard: is TSV, expected another name than {}", printable(options.leaderboard));
  const Metric metric = parse_metric(options.metric);
  options.search.lower_is_better = metric.info->lower_is_better;
  if (metric.info->kind != MetricKind::kRanking && !is_error_of_values(metric))
    fail_usage("--metric: {} is neither a ranking metric nor rmse, mse or mae", options.metric);
  for (const std::string& text : options.spaces) options.parsed_spaces.push_back(Space::parse(text));
  if (!options.budget && !table.given("--trials")) options.budget = kBudget;
  for (const char* flag : {"--columns", "--side-columns", "--header-rows", "--bad-lines"}) {
    if (table.given(flag)) options.table_words.insert(options.table_words.end(), {flag, table[flag].text()});
  }
  if (!options.common.csv.delimiter.empty()) {
    options.table_words.insert(options.table_words.end(), {"--delimiter", options.common.csv.delimiter});
  } else if (options.common.csv.all) {
    options.table_words.emplace_back("--csv");
  }
}

}  // namespace rec
