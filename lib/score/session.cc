#include "score/session.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "data/excluded_rows.h"
#include "models/common/feature_rows.h"
#include "score/extend_by_files.h"

namespace rec {
namespace {

Fallback fallback_of(const std::string& name) {
  if (name.empty()) return Fallback::kModel;
  if (name == "average") return Fallback::kAverage;
  if (name == "zero") return Fallback::kZero;
  return name == "skip" ? Fallback::kSkip : Fallback::kPopular;
}

// Sets the context of the encoder. Returns the columns that `given` leaves open.
std::vector<std::string> set_context(const std::string& name, const std::vector<std::string>& given, Encoder& encoder) {
  const std::span<const std::string> columns = encoder.context_columns();
  std::vector<uint32_t> categories(columns.size(), kNoId);
  std::vector<bool> known(columns.size(), false);
  std::string all;
  for (const std::string& column : columns) all += (all.empty() ? "" : ", ") + printable(column);
  for (const std::string& entry : given) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0)
      fail_usage("--context: expected COLUMN=CATEGORY, found \"{}\"", printable(entry));
    const auto column = std::find(columns.begin(), columns.end(), entry.substr(0, equals));
    if (column == columns.end())
      fail_usage("--context: the model {} has no column \"{}\" of context; it has {}", name,
                 printable(entry.substr(0, equals)), all.empty() ? "none" : all);
    const auto at = static_cast<size_t>(column - columns.begin());
    if (known[at]) fail_usage("--context: the column \"{}\" is there twice", printable(*column));
    known[at] = true;
    categories[at] = encoder.find_category(at, std::string_view(entry).substr(equals + 1));
    if (categories[at] == kNoId && equals + 1 < entry.size())
      fail_usage("--context: the model {} knows no category \"{}\" of \"{}\"", name,
                 printable(std::string_view(entry).substr(equals + 1)), printable(*column));
  }
  std::vector<std::string> open;
  for (size_t at = 0; at < columns.size(); ++at) {
    if (!known[at]) open.push_back(columns[at]);
  }
  encoder.set_context(std::move(categories));
  return open;
}

}  // namespace

Session::Session(const SessionOptions& options) : options_(options) {
  // Features add rows to the tensors, which are copied then.
  const bool extends = !options.item_features.empty() || !options.user_features.empty() ||
                       !options.item_vectors.empty() || !options.user_vectors.empty();
  Artefact artefact = read_artefact(options.model, options.threads, extends ? Reading::kWhole : Reading::kByPart);
  for (const IdKind of : {IdKind::kItem, IdKind::kUser}) {
    const bool items = of == IdKind::kItem;
    Extended extended = extend_by_files(artefact, of, items ? options.item_features : options.user_features,
                                        items ? options.item_vectors : options.user_vectors, options.side,
                                        input_name(options.model), options.threads);
    notes_.insert(notes_.end(), extended.notes.begin(), extended.notes.end());
    bad_lines_ += extended.bad_lines;
    if (options.keep_features) features_[of == IdKind::kItem ? 0 : 1] = std::move(extended.tables);
  }
  model_ = Model::of(std::move(artefact), options.model, 0);
  if (model_->encoder().reads_rows()) model_->artefact().verify_users(options.threads);
  open_context_ = set_context(input_name(options.model), options.context, model_->encoder());
  for (const auto& [option, given] :
       {std::pair("--history", !options.history.empty()), std::pair("--line-items", options.folds_requests)}) {
    if (given && model_->encoder().reads_rows())
      fail_usage("{}: this model knows users by id and features, not by what they did: leave {} out",
                 input_name(options.model), option);
  }
  if (!options.history.empty()) {
    histories_ = read_user_items(options.history, options.side, {.value = true, .timestamp = true}, options.threads);
    bad_lines_ += histories_.bad_lines;
    model_->expect_lookups(histories_.users.size(), histories_.items.size());
  }
  ExcludedRows excluded = read_excluded_rows(options.exclude, options.exclude_for, options.side, options.threads);
  excluded_ = std::move(excluded.lists);
  notes_.insert(notes_.end(), excluded.notes.begin(), excluded.notes.end());
  warning_ = std::move(excluded.warning);
  for (const UserItems& lists : excluded_) {
    bad_lines_ += lists.bad_lines;
    model_->expect_lookups(0, lists.items.size());
    exclusions_.add(lists, model_->items());
  }
  if (!options.by_features && !has_feature_map(model_->artefact(), IdKind::kUser))
    fail_usage("{}: this model knows no users by features: leave --fallback-described out", input_name(options.model));
  users_ = std::make_unique<UserVectors>(*model_, options.history.empty() || !options.fold_in ? nullptr : &histories_,
                                         fallback_of(options.fallback), options.threads, options.refold,
                                         options.by_features);
  if (options.folds_requests) users_->prepare(options.threads);
  if (model_->users().size() == 0 && !users_->knows_everyone() && options.history.empty() && options.fallback.empty() &&
      !options.folds_requests) {
    fail_usage(
        "{}: this model has no users of its own, it knows them by their histories: give --history FILE, or say "
        "--fallback {}",
        input_name(options.model), name_of(users_->fallback()));
  }
}

void Session::require_whole_context() const {
  if (open_context_.empty()) return;
  std::string columns, options;
  for (const std::string& column : open_context_) {
    columns += (columns.empty() ? "" : ", ") + printable(column);
    options += fmt::format(" --context {}=CATEGORY", printable(column));
  }
  fail_usage("{}: this model scores in a context, and nothing says {}: give{}; COLUMN= with nothing is unknown",
             input_name(options_.model), columns, options);
}

std::vector<std::string> Session::warnings(const MatchedTable& asked) const {
  std::vector<std::string> texts;
  const auto add = [&texts](std::string text) {
    if (!text.empty()) texts.push_back(std::move(text));
  };
  add(warning_);
  const MatchedTable model{
      .name = input_name(options_.model), .users = {&model_->users()}, .items = {&model_->items()}};
  const auto table = [](const std::string& path, const UserItems& lists) {
    return MatchedTable{.name = input_name(path), .users = {&lists.users}, .items = {&lists.items}};
  };
  const MatchedTable history = options_.history.empty() ? MatchedTable{} : table(options_.history, histories_);
  std::string of_model = unmet(IdKind::kUser, asked, model);
  std::string of_history = unmet(IdKind::kUser, history, asked);
  // Each user's vector comes from the model or from a history. A fallback that was asked for may be meant.
  if (options_.fallback.empty() && !users_->knows_everyone()) {
    const bool model_has_users = model_->users().size() > 0;
    const std::string fallback = fmt::format(": every user gets the fallback {}", name_of(users_->fallback()));
    if (!of_model.empty() && (history.name.empty() || !of_history.empty())) add(of_model + fallback);
    if (!of_history.empty() && !model_has_users) of_history += fallback;
  }
  add(of_history);
  add(unmet(IdKind::kItem, asked, model));
  add(unmet(IdKind::kItem, history, model));
  for (size_t at = 0; at < excluded_.size(); ++at) {
    const MatchedTable excluded = table(options_.exclude[at], excluded_[at]);
    add(unmet(IdKind::kUser, excluded, asked));
    add(unmet(IdKind::kItem, excluded, model));
  }
  return texts;
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

UserList users_of_run(const Session& session, const UserSource& source) {
  const Model& model = session.model();
  const size_t known = model.users().size();
  UserList list;
  if (source.everyone || (source.users.empty() && source.model == "-" && source.input == "-")) {
    if (known == 0) fail_usage("{}: the model has no users of its own; give --users FILE", input_name(source.model));
    list.name = input_name(source.model);
    list.users = model.users();
  } else {
    list = source.users.empty() ? read_users(source.input, source.read) : read_users(source.users, source.side);
  }
  list.warnings = session.warnings({.name = list.name, .users = {&list.users}, .items = {}});
  if (list.users.size() == 0) {
    list.warnings.insert(
        list.warnings.begin(),
        fmt::format("{}: no users, nothing is written; name them in FILE or --users{}", list.name,
                    known > 0 ? fmt::format(", or say --all-users for all {} of the model", known) : ""));
  }
  return list;
}

}  // namespace rec
