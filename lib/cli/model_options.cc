#include "cli/model_options.h"

#include <algorithm>

#include "base/error.h"
#include "cli/options.h"

namespace rec {

void add_model_options(CLI::App& app, ModelOptions& options) {
  app.add_option("-m,--model", options.model, "Model file of rec-embed; - is stdin")->type_name("FILE")->required();
  app.add_option("--history", options.history, "Interactions of users that the model lacks: they are folded in")
      ->type_name("FILE");
  app.add_option("--fallback", options.fallback,
                 "A user with neither vector nor history: average (the mean user; of mf), popular (ln(1 + count) for "
                 "each item), "
                 "zero (the zero vector), skip (no rows); default average where the model has it, else popular")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"average", "popular", "zero", "skip"}));
  app.add_flag("--all", options.all, "Candidates are the whole catalogue; the input lists users");
  app.add_option("--top", options.top, "Rows for each user with --all")
      ->type_name("N")
      ->check(above_zero())
      ->capture_default_str();
  app.add_option("--users", options.users, "With --all: the users, in place of the input")->type_name("FILE");
  app.add_option("--exclude", options.exclude,
                 "With --all: interactions whose items are no candidates for their user; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_flag("--keep", options.keep, "Append the input's other columns");
}

void check_model_options(const CLI::App& app, const ModelOptions& options, const std::string& input) {
  option_needs(app, "--users", "--all", options.all);
  option_needs(app, "--exclude", "--all", options.all);
  if (options.all && options.keep) fail_usage("--keep does not apply to --all");
  if (!options.users.empty() && app.get_option("FILE")->count() > 0)
    fail_usage("give users as FILE or by --users, not both");
  // With --all and the model on stdin the users may be those of the model.
  const bool reads_input = !(options.all && (!options.users.empty() || options.model == "-"));
  std::vector<std::string> paths{options.model, options.history, options.users};
  paths.insert(paths.end(), options.exclude.begin(), options.exclude.end());
  if (reads_input || input != "-") paths.push_back(input);
  if (std::count(paths.begin(), paths.end(), "-") > 1) fail_usage("stdin (-) is used for more than one input");
}

}  // namespace rec
