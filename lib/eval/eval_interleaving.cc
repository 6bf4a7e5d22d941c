#include "eval/eval_interleaving.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "data/overlap.h"
#include "data/user_items.h"

namespace rec {
namespace {

struct InterleavingColumn {
  enum : size_t { kUser, kItem, kScore, kRank, kTeam };
};

// The clicked (user, item) pairs, each once.
class Clicks {
 public:
  explicit Clicks(const UserItems& clicks) : clicks_(clicks), users_(clicks.users.size()) {
    for (uint32_t user = 0; user < clicks.users.size(); ++user) {
      const auto [begin, end] = clicks.range(user);
      for (size_t row = begin; row < end; ++row) {
        if (clicks.value.empty() || clicks.value[row] > 0.0f) pairs_.push_back(pair_of(user, clicks.item[row]));
      }
    }
    std::sort(pairs_.begin(), pairs_.end());
    pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
    seen_.resize(pairs_.size());
  }

  // The number of the pair, or of none size().
  size_t find(std::string_view user_id, std::string_view item_id) const {
    const uint32_t user = clicks_.users.find(user_id);
    const uint32_t item = user == kNoId ? kNoId : clicks_.items.find(item_id);
    if (item == kNoId) return size();
    const auto found = std::lower_bound(pairs_.begin(), pairs_.end(), pair_of(user, item));
    if (found == pairs_.end() || *found != pair_of(user, item)) return size();
    return static_cast<size_t>(found - pairs_.begin());
  }

  // Counts the pair for a team; false if it was counted before.
  bool count(size_t pair, bool team_a) {
    if (seen_[pair]) return false;
    seen_[pair] = true;
    TeamClicks& user = users_[pairs_[pair] >> 32];
    ++(team_a ? user.a : user.b);
    ++on_lists_;
    return true;
  }

  size_t size() const { return pairs_.size(); }
  uint64_t on_lists() const { return on_lists_; }
  std::span<const TeamClicks> users() const { return users_; }

 private:
  static uint64_t pair_of(uint32_t user, uint32_t item) { return uint64_t{user} << 32 | item; }

  const UserItems& clicks_;
  std::vector<uint64_t> pairs_;
  std::vector<bool> seen_;
  std::vector<TeamClicks> users_;
  uint64_t on_lists_ = 0;
};

struct InterleavingPiece {
  std::vector<std::string_view> users;  // dead with the batch
  std::vector<std::string_view> items;
  std::vector<char> teams;
};

char team_field(const Line& line, int position) {
  const std::string_view field = line.fields[static_cast<size_t>(position)];
  if (field != "A" && field != "B") {
    bad_field(position + 1, fmt::format("expected a team A or B, found \"{}\"", printable(field)));
  }
  return field.front();
}

}  // namespace

TableSpec interleaving_spec() {
  constexpr auto kNumber = TableSpec::Kind::kNumber;
  return {"interleaving", {{"user"}, {"item"}, {"score", false, kNumber}, {"rank", false, kNumber}, {"team"}}};
}

InterleavingEvaluation evaluate_interleaving(const std::string& path, const ReadOptions& read,
                                             const InterleavingOptions& options, const ReadOptions& side_read,
                                             const BootstrapOptions& bootstrap, int threads) {
  UserItems click_rows = read_user_items(options.clicks, side_read, {.value = true}, threads);
  click_rows.users.index();
  click_rows.items.index();
  Clicks clicks(click_rows);
  TableReader reader(path, interleaving_spec(), read);
  const Layout& layout = reader.layout();
  InterleavingEvaluation evaluation;
  IdTable users;
  StreamIds met_users;
  StreamIds met_items;
  std::vector<uint32_t> ids;
  std::vector<InterleavingPiece> pieces;
  const auto parts = static_cast<size_t>(std::max(1, threads)) * 2;
  while (reader.next()) {
    pieces.assign(parts, InterleavingPiece{});
    reader.parse(threads, parts, [&](size_t at, const Line& line) {
      const std::string_view user = id_field(line, layout.position[InterleavingColumn::kUser], "user");
      const std::string_view item = id_field(line, layout.position[InterleavingColumn::kItem], "item");
      const char team = team_field(line, layout.position[InterleavingColumn::kTeam]);
      pieces[at].users.push_back(user);
      pieces[at].items.push_back(item);
      pieces[at].teams.push_back(team);
    });
    for (const InterleavingPiece& piece : pieces) {
      ids.resize(piece.users.size());
      users.intern_all(piece.users, ids.data());
      for (size_t row = 0; row < piece.users.size(); ++row) {
        if (!met_users.met()) met_users.add(piece.users[row], click_rows.users.find(piece.users[row]) != kNoId);
        if (!met_items.met()) met_items.add(piece.items[row], click_rows.items.find(piece.items[row]) != kNoId);
        const size_t pair = clicks.find(piece.users[row], piece.items[row]);
        if (pair == clicks.size() || clicks.count(pair, piece.teams[row] == 'A')) continue;
        fail("{}: user \"{}\" has item \"{}\" twice", reader.name(), printable(piece.users[row]),
             printable(piece.items[row]));
      }
    }
  }
  if (users.size() == 0) fail("{}: no rows to evaluate", reader.name());
  evaluation.result = compare_teams(clicks.users(), bootstrap, threads);
  evaluation.warnings =
      unmet({.name = reader.name(), .users = met_users.column(), .items = met_items.column()},
            {.name = input_name(options.clicks), .users = {&click_rows.users}, .items = {&click_rows.items}});
  evaluation.users = users.size();
  evaluation.clicks = clicks.on_lists();
  evaluation.clicks_elsewhere = clicks.size() - clicks.on_lists();
  evaluation.bad_lines = reader.bad_lines();
  evaluation.clicks_bad_lines = click_rows.bad_lines;
  return evaluation;
}

}  // namespace rec
