// Options of the tools that use a model: rec-attend and rec-score.
#pragma once

#include <string>
#include <vector>

#include "base/option.h"
#include "base/time.h"

namespace rec {

struct ModelOptions {
  std::string model;
  std::string history;
  std::vector<std::string> item_features;
  std::vector<std::string> user_features;
  std::vector<std::string> item_vectors;
  std::vector<std::string> user_vectors;
  bool refold = false;
  std::string fallback;     // "": the model's own
  bool by_features = true;  // users known by features alone are served by them
  bool all = false;
  size_t top = 100;
  std::string users;
  bool all_users = false;
  std::vector<std::string> exclude;
  Duration exclude_for;  // 0: for good
  bool keep = false;
  std::vector<std::string> context;  // COLUMN=CATEGORY
};

// -m, --item-features, --user-features, --item-vectors, --user-vectors, --history, --refold, --fallback,
// --fallback-described, --all, --top, --users, --all-users, --exclude, --exclude-for, --context, --keep
void add_model_options(OptionTable& table, ModelOptions& options);
// --exclude-for, the age of rows of the files of --exclude. Both outlive `table`.
void add_exclude_for(OptionTable& table, Duration& exclude_for, const std::vector<std::string>& exclude);

// Throws UsageError for combinations that make no sense: options of --all
// without it, stdin used twice. input: the table's path.
void check_model_options(const OptionTable& table, const ModelOptions& options, const std::string& input);

}  // namespace rec
