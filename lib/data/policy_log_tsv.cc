#include "data/policy_log.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "base/number.h"

namespace rec {
namespace {

struct PolicyColumn {
  enum : size_t { kUser, kItem, kReward, kPropensity, kRank };
};

double propensity_field(const Line& line, int position) {
  const double propensity = number_field(line, position);
  if (!(propensity > 0.0 && propensity <= 1.0)) {
    bad_field(position + 1, "expected a propensity in (0, 1], found \"" +
                                printable(line.fields[static_cast<size_t>(position)]) + "\"");
  }
  return propensity;
}

uint32_t rank_up_to(size_t most, const Line& line, int position) {
  const uint32_t rank = rank_field(line, position);
  if (rank > most)
    bad_field(position + 1,
              fmt::format("expected a rank of at most {}, as -k says, found {}; say -k {} or more", most, rank, rank));
  return rank;
}

}  // namespace

TableSpec policy_log_spec() {
  constexpr auto kNumber = TableSpec::Kind::kNumber;
  return {"log",
          {{"user"}, {"item"}, {"reward", true, kNumber}, {"propensity", true, kNumber}, {"rank", false, kNumber}}};
}

PolicyLog read_policy_log(const std::string& path, const ReadOptions& options, size_t most_ranks) {
  TableReader reader(path, policy_log_spec(), options);
  const Layout& layout = reader.layout();
  PolicyLog log;
  log.name = reader.name();
  log.has_ranks = most_ranks > 0 && layout.has(PolicyColumn::kRank);
  std::vector<uint32_t> user;
  std::vector<PolicyLog::Row> rows;
  while (reader.next()) {
    reader.parse(1, 1, [&](size_t, const Line& line) {
      const std::string_view its_user = id_field(line, layout.position[PolicyColumn::kUser], "user");
      const std::string_view item = id_field(line, layout.position[PolicyColumn::kItem], "item");
      PolicyLog::Row row{};
      row.reward = number_field(line, layout.position[PolicyColumn::kReward]);
      row.propensity = propensity_field(line, layout.position[PolicyColumn::kPropensity]);
      row.rank = log.has_ranks ? rank_up_to(most_ranks, line, layout.position[PolicyColumn::kRank]) : 1;
      row.item = log.items.intern(item);
      user.push_back(log.users.intern(its_user));
      rows.push_back(row);
    });
  }
  log.bad_lines = reader.bad_lines();
  if (rows.empty()) fail("{}: no rows", log.name);
  log.begin.assign(log.users.size() + 1, 0);
  for (const uint32_t its : user) ++log.begin[its + size_t{1}];
  for (size_t at = 1; at < log.begin.size(); ++at) log.begin[at] += log.begin[at - 1];
  std::vector<uint64_t> next(log.begin.begin(), log.begin.end() - 1);
  log.rows.resize(rows.size());
  for (size_t row = 0; row < rows.size(); ++row) log.rows[next[user[row]]++] = rows[row];
  return log;
}

namespace {

float in_single(double value, const char* what, const PolicyLog& log) {
  const auto single = static_cast<float>(value);
  if (!std::isfinite(single) || (single == 0.0f && value != 0.0))
    fail("{}: a {} of {}, which single precision cannot hold", log.name, what, value);
  return single;
}

}  // namespace

Interactions logged_rows(const PolicyLog& log) {
  Interactions data;
  const std::vector<uint32_t> users = log.users.sorted_order();
  const std::vector<uint32_t> items = log.items.sorted_order();
  data.users = log.users.reordered(users);
  data.items = log.items.reordered(items);
  const std::vector<uint32_t> item_at = places_in(items);
  std::vector<PolicyLog::Row> rows;
  for (uint32_t user = 0; user < users.size(); ++user) {
    const std::span<const PolicyLog::Row> its = log.rows_of(users[user]);
    rows.assign(its.begin(), its.end());
    for (PolicyLog::Row& row : rows) row.item = item_at[row.item];
    std::sort(rows.begin(), rows.end(), [](const PolicyLog::Row& a, const PolicyLog::Row& b) {
      return std::tie(a.item, a.reward, a.propensity) < std::tie(b.item, b.reward, b.propensity);
    });
    for (const PolicyLog::Row& row : rows) {
      data.user.push_back(user);
      data.item.push_back(row.item);
      data.value.push_back(in_single(row.reward, "reward", log));
      data.weight.push_back(in_single(row.propensity, "propensity", log));
    }
  }
  return data;
}

Csr csr_of_rows(const Interactions& rows) {
  Csr by_user;
  by_user.begin.assign(rows.users.size() + 1, 0);
  for (const uint32_t user : rows.user) ++by_user.begin[user + size_t{1}];
  std::partial_sum(by_user.begin.begin(), by_user.begin.end(), by_user.begin.begin());
  by_user.index.assign(rows.item.begin(), rows.item.end());
  by_user.weight.assign(rows.value.begin(), rows.value.end());
  return by_user;
}

}  // namespace rec
