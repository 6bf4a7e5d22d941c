// What rec-attend and rec-score have in common: a model, histories, exclusions
// and users, loaded and tied together.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/table.h"
#include "score/catalogue.h"
#include "score/pair_scorer.h"

namespace rec {

struct SessionOptions {
  std::string model;
  std::string history;   // "" is none
  std::string fallback;  // average, popular, zero, skip; "": the model's own
  std::vector<std::string> exclude;
  bool fold_in = true;  // encode the histories of users that the model lacks
  ReadOptions side;     // for all tables but the main input
  int threads = 1;
};

class Session {
 public:
  // Reads the model and the side tables. Throws Error.
  explicit Session(const SessionOptions& options);

  Model& model() { return *model_; }
  const UserVectors& users() const { return *users_; }
  const UserItems& histories() const { return histories_; }
  const Exclusions& exclusions() const { return exclusions_; }
  uint64_t bad_lines() const { return bad_lines_; }

 private:
  std::unique_ptr<Model> model_;
  UserItems histories_;
  std::vector<std::unique_ptr<UserItems>> excluded_;
  Exclusions exclusions_;
  std::unique_ptr<UserVectors> users_;
  uint64_t bad_lines_ = 0;
};

// The distinct users of a table (its column "user") in order of first appearance.
struct UserList {
  std::string name;  // of the table, for messages
  IdTable users;
  bool header = false;
  uint64_t bad_lines = 0;
  std::vector<std::string_view> names() const;
};
UserList read_users(const std::string& path, const ReadOptions& options);

// Whom a run over the whole catalogue is for: the users of `users` (read with
// `side`) if given, else of `input` (read with `read`); but everyone in the model
// if the model itself came from that stdin.
UserList users_of_run(const Model& model, const std::string& model_path, const std::string& input,
                      const std::string& users, const ReadOptions& read, const ReadOptions& side);

}  // namespace rec
