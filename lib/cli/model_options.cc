#include "cli/model_options.h"

#include <algorithm>

#include "base/error.h"
#include "base/vectors_name.h"

namespace rec {

void add_exclude_for(OptionTable& table, Duration& exclude_for, const std::vector<std::string>& exclude) {
  table
      .add("--exclude-for", exclude_for, "T",
           "Ignore the rows of --exclude of the age T or more, counted from the newest row: as 30d (s, m, h, d, w), or "
           "a number in the unit of their timestamps")
      .above(0)
      .none(0)
      .needs("--exclude", [&exclude] { return !exclude.empty(); });
}

void add_model_options(OptionTable& table, ModelOptions& options) {
  table.add("-m,--model", options.model, "FILE", "Model file of rec-embed; - is stdin").reads_model().required();
  {
    const OptionTable::Section section(table, "Users and items that the model lacks");
    table
        .add("--item-features", options.item_features, "FILE",
             "Features of items; an item that the model lacks gets its vector from them; repeatable")
        .reads();
    table
        .add("--user-features", options.user_features, "FILE",
             "Features of users; a user that the model lacks gets a vector from them; repeatable")
        .reads();
    table
        .add("--item-vectors", options.item_vectors, "[NAME=]FILE[:PART]",
             "Vectors as features: a table, an array with a file of ids, or a model; repeatable")
        .reads_vectors();
    table
        .add("--user-vectors", options.user_vectors, "[NAME=]FILE[:PART]",
             "Vectors as features: a table, an array with a file of ids, or a model; repeatable")
        .reads_vectors();
    table
        .add("--history", options.history, "FILE",
             "Interactions of users that the model lacks; their vectors are computed from these (folded in)")
        .reads();
    table
        .flag("--refold", options.refold,
              "Compute the vector of each user of --history from it, even if the model has one")
        .needs("--history", [&options] { return !options.history.empty(); });
    table.one_of<std::string, std::string>(
        "--fallback", options.fallback,
        {{"average", "average"}, {"popular", "popular"}, {"zero", "zero"}, {"skip", "skip"}},
        "What a user without vector and history gets: average (the mean user; mf has one), popular (ln(1 + count) for "
        "each item), zero (the zero vector), skip (no rows); default average if the model has it, else popular");
    table.flag("--fallback-described", options.by_features,
               "A user whom the model knows only by features gets the fallback, too", false);
  }
  const OptionTable::Section section(table, "The whole catalogue");
  table.flag("--all", options.all, "The candidates are the whole catalogue; the input lists users");
  table.add("-k,--top", options.top, "N", "Rows for each user with --all").at_least(1);
  table.add("--users", options.users, "FILE", "With --all: the users, instead of the input")
      .reads()
      .needs("--all", [&options] { return options.all; });
  table.flag("--all-users", options.all_users, "With --all: take all users of the model; no input is read")
      .needs("--all", [&options] { return options.all; })
      .excludes("--users");
  table
      .add("--exclude", options.exclude, "FILE",
           "With --all: interactions; the items that a user has there are left out for that user; repeatable")
      .reads()
      .needs("--all", [&options] { return options.all; });
  add_exclude_for(table, options.exclude_for, options.exclude);
  table.heading("");
  table.add("--context", options.context, "COLUMN=CATEGORY",
            "With a model of rec-embed fm: the category of this column of the context, for all users; repeatable");
  table.flag("--keep", options.keep, "Append the other columns of the input");
}

void check_model_options(const OptionTable& table, const ModelOptions& options, const std::string& input) {
  if (options.all && options.keep) fail_usage("--keep does not apply to --all");
  if (!options.users.empty() && table.given("FILE")) fail_usage("give users as FILE or by --users, not both");
  if (options.all_users && table.given("FILE")) fail_usage("give users as FILE or by --all-users, not both");
  // With --all and the model on stdin the users may be those of the model.
  const bool reads_input = !(options.all && (options.all_users || !options.users.empty() || options.model == "-"));
  std::vector<std::string> paths{options.model, options.history, options.users};
  for (const auto* more : {&options.exclude, &options.item_features, &options.user_features})
    paths.insert(paths.end(), more->begin(), more->end());
  if (reads_input || input != "-") paths.push_back(input);
  const auto stdins = static_cast<size_t>(std::count(paths.begin(), paths.end(), "-"));
  if (stdins + count_stdin(options.item_vectors) + count_stdin(options.user_vectors) > 1)
    fail_usage("stdin (-) is used for more than one input");
}

}  // namespace rec
