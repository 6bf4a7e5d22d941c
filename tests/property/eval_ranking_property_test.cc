// A whole evaluation against a slow twin that holds every list: random tables
// with ties, duplicates, missing and unknown users; and the same bytes whatever
// the order of the input, the grouping and the number of threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "eval/evaluate.h"
#include "temp_folder.h"

namespace rec::eval_ranking_property_test {

namespace {

struct Row {
  std::string user;
  std::string item;
  int score;
  int rank;
};

std::string text_of(const std::vector<Row>& rows, bool with_rank) {
  std::string text;
  for (const Row& row : rows) {
    text += row.user + '\t' + row.item + '\t' + std::to_string(row.score);
    if (with_rank) text += '\t' + std::to_string(row.rank);
    text += '\n';
  }
  return text;
}

Evaluation run(const std::string& table, const std::string& truth, Grouping grouping, int threads) {
  const TempFolder folder;
  EvaluationOptions options;
  options.path = folder.file("table.tsv", table);
  options.truth = folder.file("truth.tsv", truth);
  options.metrics = {"ndcg@5,recall@3,precision@4,mrr,map"};
  options.ranking.repeats = Repeats::kFirst;
  options.ranking.grouping = grouping;
  options.threads = threads;
  options.per_user = true;
  return evaluate(options);
}

// recall@3 of each user, from the whole lists.
std::map<std::string, double> naive_recall(std::vector<Row> rows,
                                           const std::map<std::string, std::map<std::string, int>>& truth,
                                           bool by_rank) {
  std::stable_sort(rows.begin(), rows.end(), [by_rank](const Row& a, const Row& b) {
    if (by_rank && a.rank != b.rank) return a.rank < b.rank;
    if (!by_rank && a.score != b.score) return a.score > b.score;
    return a.item < b.item;
  });
  std::map<std::string, double> recall;
  for (const auto& [user, gains] : truth) {
    std::vector<std::string> list;
    for (const Row& row : rows) {
      if (row.user == user && std::find(list.begin(), list.end(), row.item) == list.end()) list.push_back(row.item);
    }
    list.resize(std::min<size_t>(list.size(), 3));
    double hits = 0;
    for (const std::string& item : list) hits += gains.count(item) > 0 ? 1 : 0;
    recall[user] = hits / static_cast<double>(gains.size());
  }
  return recall;
}

}  // namespace

TEST_CASE("a whole evaluation equals its slow twin, in every order and on every number of threads") {
  std::mt19937_64 random(5);
  const auto below = [&](size_t bound) { return static_cast<size_t>(random() % bound); };
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    const size_t users = 1 + below(40);
    const size_t items = 5 + below(30);
    const bool with_rank = below(2) == 1;
    std::vector<Row> rows;
    std::map<std::string, std::map<std::string, int>> truth;
    std::string truth_text;
    for (size_t user = 0; user < users; ++user) {
      const std::string name = "user" + std::to_string(user);
      for (size_t at = below(20); at > 0; --at) {
        rows.push_back(
            {name, "i" + std::to_string(below(items)), static_cast<int>(below(5)), static_cast<int>(below(8))});
      }
      if (below(5) == 0 && user > 0) continue;
      for (size_t at = 1 + below(6); at > 0; --at) {
        const std::string item = "i" + std::to_string(below(items));
        const int gain = 1 + static_cast<int>(below(3));
        if (truth[name].emplace(item, gain).second)
          truth_text += name + '\t' + item + '\t' + std::to_string(gain) + '\n';
      }
    }
    const Evaluation reference = run(text_of(rows, with_rank), truth_text, Grouping::kAuto, 1);
    const auto recall = naive_recall(rows, truth, with_rank);
    REQUIRE(reference.per_user.users.size() == truth.size());
    for (size_t user = 0; user < truth.size(); ++user) {
      CHECK(reference.per_user.values[user * 5 + 1] == doctest::Approx(recall.at(reference.per_user.users[user])));
    }
    const auto check_same = [&](const Evaluation& other) {
      CHECK(other.per_user.users == reference.per_user.users);
      CHECK(other.per_user.values == reference.per_user.values);
      REQUIRE(other.rows.size() == reference.rows.size());
      for (size_t row = 0; row < other.rows.size(); ++row) CHECK(other.rows[row].value == reference.rows[row].value);
      CHECK(other.notes == reference.notes);
    };
    check_same(run(text_of(rows, with_rank), truth_text, Grouping::kAuto, 2));
    check_same(run(text_of(rows, with_rank), truth_text, Grouping::kGrouped, 3));
    std::shuffle(rows.begin(), rows.end(), random);
    check_same(run(text_of(rows, with_rank), truth_text, Grouping::kAuto, 1));
    check_same(run(text_of(rows, with_rank), truth_text, Grouping::kUngrouped, 2));
  }
}

}  // namespace rec::eval_ranking_property_test
