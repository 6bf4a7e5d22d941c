#include "score/session.h"

#include "base/error.h"

namespace rec {
namespace {

Fallback fallback_of(const std::string& name) {
  if (name.empty()) return Fallback::kModel;
  if (name == "average") return Fallback::kAverage;
  if (name == "zero") return Fallback::kZero;
  return name == "skip" ? Fallback::kSkip : Fallback::kPopular;
}

}  // namespace

Session::Session(const SessionOptions& options) : model_(Model::load(options.model, options.threads)) {
  if (!options.history.empty()) {
    histories_ = read_user_items(options.history, options.side, {.value = true, .timestamp = true}, options.threads);
    bad_lines_ += histories_.bad_lines;
  }
  for (const std::string& path : options.exclude) {
    excluded_.push_back(std::make_unique<UserItems>(read_user_items(path, options.side, {}, options.threads)));
    bad_lines_ += excluded_.back()->bad_lines;
    exclusions_.add(*excluded_.back(), model_->items());
  }
  users_ = std::make_unique<UserVectors>(*model_, options.history.empty() || !options.fold_in ? nullptr : &histories_,
                                         fallback_of(options.fallback), options.threads);
}

std::vector<std::string_view> UserList::names() const {
  std::vector<std::string_view> views(users.size());
  for (uint32_t user = 0; user < users.size(); ++user) views[user] = users[user];
  return views;
}

UserList read_users(const std::string& path, const ReadOptions& options) {
  UserList list;
  TableReader reader(path, users_spec(), options);
  list.name = reader.name();
  list.header = reader.layout().header;
  while (reader.next()) {
    reader.parse(1, 1, [&](size_t, const Line& line) {
      list.users.intern(id_field(line, reader.layout().position[0], "user"));
    });
  }
  list.bad_lines = reader.bad_lines();
  return list;
}

UserList users_of_run(const Model& model, const std::string& model_path, const std::string& input,
                      const std::string& users, const ReadOptions& read, const ReadOptions& side) {
  if (!users.empty()) return read_users(users, side);
  if (model_path != "-" || input != "-") return read_users(input, read);
  if (model.users().size() == 0) fail_usage("the model on stdin has no users of its own; give --users FILE");
  UserList everyone;
  everyone.name = "model";
  everyone.users = model.users();
  return everyone;
}

}  // namespace rec
