#include "embed/statistics_options.h"

#include <algorithm>

namespace rec {

bool is_one_of(const Option& option, const std::vector<std::string>& flags) {
  return std::any_of(flags.begin(), flags.end(), [&](const std::string& flag) { return option.matches(flag); });
}

void StatisticsOptions::describe(OptionTable& table, const std::function<bool(const Option&)>& with_only,
                                 const std::function<bool(const Option&)>& with_file) {
  const OptionTable::Section section(table, "Sums of parts");
  const std::vector<std::string> of_run{"-o", "--no-sync", "-j", "-q", "-v", "--force", "-h", "--help", "--version"};
  std::vector<std::string> not_with_only;
  std::vector<std::string> not_with_file;
  for (const Option& option : table.all()) {
    if (is_one_of(option, of_run)) continue;
    if (!with_only(option)) not_with_only.push_back(option.flag());
    if (!with_file(option)) not_with_file.push_back(option.flag());
  }
  Option& map = table
                    .flag("--statistics-only", only,
                          "Write sums over users for rec-model sum and --statistics in place of a model")
                    .not_in_model();
  for (const std::string& option : not_with_only) map.excludes(option);
  Option& finish =
      table.add("--statistics", file, "FILE", "Train from sums of --statistics-only, and read no interactions")
          .reads_model()
          .not_in_model()
          .excludes("--statistics-only");
  for (const std::string& option : not_with_file) finish.excludes(option);
  table
      .flag("--user-hashes", user_hashes,
            "Keep a hash of each user in the sums, so that rec-model sum notices a user who is in two parts")
      .needs("--statistics-only", [this] { return only; })
      .excludes("--dp-epsilon")
      .not_in_model();
}

void StatisticsOptions::describe_of_items(OptionTable& table, const std::vector<std::string>& kept) {
  // The others say how a model is trained.
  const std::vector<std::string> of_rows{"FILE",        "--columns",    "--header-rows",  "--csv",
                                         "--delimiter", "--bad-lines",  "--items",        "--side-columns",
                                         "--dp-delta",  "--dp-epsilon", "--max-per-user", "--dp-seed"};
  const std::vector<std::string> not_of_sums{"--confidence",   "--confidence-scale", "--weights",
                                             "--valid",        "--metric",           "--item-features",
                                             "--item-vectors", "--feature-weight",   "--feature-scaling",
                                             "--kind-weight",  "--user-exponent",    "--by"};
  describe(
      table, [&](const Option& option) { return is_one_of(option, of_rows) || is_one_of(option, kept); },
      [&](const Option& option) { return !is_one_of(option, of_rows) && !is_one_of(option, not_of_sums); });
}

}  // namespace rec
