// --statistics-only, --statistics, --user-hashes: training out of sums over users, which parts of the users may be in
// files of their own (rec-model sum).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/option.h"

namespace rec {

struct StatisticsOptions {
  bool only = false;         // --statistics-only
  std::string file;          // --statistics
  bool user_hashes = false;  // --user-hashes

  // To be called when the table has all other options, so that those without effect are excluded. with_only: those that
  // change the sums; with_file: those that change the training out of them. Those of all commands stay.
  void describe(OptionTable& table, const std::function<bool(const Option&)>& with_only,
                const std::function<bool(const Option&)>& with_file);
  // Of ease, knn and svd. kept: the options of the subcommand that change the sums.
  void describe_of_items(OptionTable& table, const std::vector<std::string>& kept);
};

// Whether the option is one of these.
bool is_one_of(const Option& option, const std::vector<std::string>& flags);

}  // namespace rec
