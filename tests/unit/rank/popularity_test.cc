#include "rank/popularity.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>

namespace rec::popularity_test {
namespace {

UserItems log_of(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::map<std::string, std::vector<std::string>> by_user;
  std::set<std::string> items;
  for (const auto& [user, item] : rows) {
    by_user[user].push_back(item);
    items.insert(item);
  }
  UserItems log;
  for (const std::string& item : items) log.items.intern(item);
  for (const auto& [user, its] : by_user) {
    log.users.intern(user);
    for (const std::string& item : its) log.item.push_back(log.items.find(item));
    log.begin.push_back(log.item.size());
  }
  return log;
}

TEST_CASE("popularity: users of an item, each once, to the power of gamma") {
  const UserItems log = log_of({{"ann", "dune"}, {"ann", "dune"}, {"bob", "dune"}, {"bob", "heat"}});
  const ItemNumbers factors = popularity_factors(log, 0.5, "log.tsv");
  CHECK(*factors.find("dune") == std::sqrt(2.0));
  CHECK(*factors.find("heat") == 1.0);
  CHECK(factors.find("alien") == nullptr);
  CHECK(*popularity_factors(log, 0.0, "log.tsv").find("dune") == 1.0);
  CHECK(*popularity_factors(log, -1.0, "log.tsv").find("dune") == 0.5);
  CHECK(popularity_factor_without_users(0.2) == 0.0);
  CHECK(popularity_factor_without_users(0.0) == 1.0);
  CHECK(popularity_factor_without_users(-0.2) == 1.0);
}

TEST_CASE("popularity: elu keeps the order of scores, and a popular item is never put lower") {
  CHECK(popularity_key(0.0, 1.0, PopularityScores::kElu) == 1.0);
  CHECK(popularity_key(2.0, 3.0, PopularityScores::kElu) == 9.0);
  CHECK(popularity_key(-1.0, 2.0, PopularityScores::kElu) == 2.0 * std::exp(-1.0));
  CHECK(popularity_key(0.25, 3.0, PopularityScores::kPlain) == 0.75);
  CHECK(popularity_key(5.0, 0.0, PopularityScores::kElu) == 0.0);
  double before = 0.0;
  for (double score = -20.0; score < 20.0; score += 0.25) {
    const double key = popularity_key(score, 1.0, PopularityScores::kElu);
    CHECK(key > before);
    CHECK(popularity_key(score, 2.0, PopularityScores::kElu) > key);
    before = key;
  }
}

TEST_CASE("popularity: random logs against sets of users") {
  std::mt19937 random(4);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::pair<std::string, std::string>> rows;
    std::map<std::string, std::set<std::string>> users;
    for (size_t row = 0; row < 1 + random() % 200; ++row) {
      rows.emplace_back("u" + std::to_string(random() % 20), "i" + std::to_string(random() % 15));
      users[rows.back().second].insert(rows.back().first);
    }
    const double gamma = static_cast<double>(random() % 60) / 10 - 3.0;
    const ItemNumbers factors = popularity_factors(log_of(rows), gamma, "log");
    CHECK(factors.items.size() == users.size());
    for (const auto& [item, its] : users)
      CHECK(*factors.find(item) == doctest::Approx(std::exp(gamma * std::log(static_cast<double>(its.size())))));
  }
}

}  // namespace
}  // namespace rec::popularity_test
