// What rec-attend and rec-score have in common: a model, histories, exclusions
// and users, loaded and tied together.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "data/features.h"
#include "data/overlap.h"
#include "io/table.h"
#include "score/catalogue.h"
#include "score/pair_scorer.h"

namespace rec {

struct SessionOptions {
  std::string model;
  std::string history;                     // "" is none
  std::vector<std::string> item_features;  // what the model takes for items that it lacks
  std::vector<std::string> user_features;
  std::vector<std::string> item_vectors{};
  std::vector<std::string> user_vectors{};
  std::string fallback;  // average, popular, zero, skip; "": the model's own
  std::vector<std::string> exclude;
  Duration exclude_for{};              // their age; 0: any
  bool by_features = true;             // users known by features alone are served by them; false: by the fallback
  bool fold_in = true;                 // encode the histories of users that the model lacks
  std::vector<std::string> context{};  // COLUMN=CATEGORY of a model of labelled rows
  bool refold = false;                 // and of those that it has
  bool folds_requests = false;         // users() is prepared for histories that come with requests
  bool keep_features = false;          // Session::features() has them
  ReadOptions side;                    // for all tables but the main input
  int threads = 1;
};

class Session {
 public:
  // Reads the model and the side tables. Throws Error; UsageError for a model that knows users by
  // their histories alone where there are none, and no fallback is asked for.
  explicit Session(const SessionOptions& options);

  Model& model() { return *model_; }
  const Model& model() const { return *model_; }
  const UserVectors& users() const { return *users_; }
  const UserItems& histories() const { return histories_; }
  // Throws UsageError where options.context does not say every column of the model's context.
  void require_whole_context() const;
  const Exclusions& exclusions() const { return exclusions_; }
  uint64_t bad_lines() const { return bad_lines_; }
  // The tables of item_features (user_features), with keep_features.
  const std::vector<FeatureTable>& features(IdKind of) const { return features_[of == IdKind::kItem ? 0 : 1]; }
  // What features brought.
  const std::vector<std::string>& notes() const { return notes_; }

  // What to say of tables that do not meet: that of the users and items asked for (an empty name:
  // none were) with the model and the histories, those of exclusions with both. And of an
  // --exclude-for that looks wrong.
  std::vector<std::string> warnings(const MatchedTable& asked) const;

 private:
  SessionOptions options_;
  std::unique_ptr<Model> model_;
  std::vector<std::string> open_context_;
  std::vector<FeatureTable> features_[2];  // of items, of users
  UserItems histories_;
  std::vector<UserItems> excluded_;
  Exclusions exclusions_;
  std::unique_ptr<UserVectors> users_;
  uint64_t bad_lines_ = 0;
  std::vector<std::string> notes_;
  std::string warning_;  // ExcludedRows::warning
};

// The distinct users of a table (its column "user") in order of first appearance.
struct UserList {
  std::string name;  // of the table, for messages
  IdTable users;
  bool header = false;
  uint64_t bad_lines = 0;
  std::vector<std::string> warnings{};  // of users_of_run(): no users, or tables that do not meet
  std::vector<std::string_view> names() const;
};
UserList read_users(const std::string& path, const ReadOptions& options);

// Where a run over the whole catalogue finds its users.
struct UserSource {
  std::string model;        // the model's path
  std::string input = "-";  // read with `read`
  std::string users;        // read with `side`; "": those of the input
  bool everyone = false;    // all users of the model
  ReadOptions read;
  ReadOptions side;
};
// Whom a run over the whole catalogue is for: everyone in the model if asked for, or if the model
// itself came from the stdin that would be the input; else the users of `users` if given, else of
// `input`. Throws UsageError for everyone of a model that has no users.
UserList users_of_run(const Session& session, const UserSource& source);

}  // namespace rec
