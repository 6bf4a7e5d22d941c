#include "rank/blend.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

namespace rec::blend_test {
namespace {

std::vector<uint32_t> items_of(const std::vector<Blended>& blended) {
  std::vector<uint32_t> items;
  for (const Blended& row : blended) items.push_back(row.item);
  return items;
}

TEST_CASE("reciprocal_rank_fusion: sums by hand, ties by item") {
  const std::vector<uint32_t> a{3, 1, 2}, b{2, 4}, c{};
  const ItemList lists[] = {a, b, c};
  const auto all = reciprocal_rank_fusion(lists, 10);
  CHECK(items_of(all) == std::vector<uint32_t>{2, 3, 1, 4});  // 1 and 4: both rank 2
  CHECK(all[0].score == doctest::Approx(1.0 / 63 + 1.0 / 61));
  CHECK(all[0].list == 1);  // its better rank
  CHECK(all[0].at == 0);
  CHECK(all[2].score == all[3].score);
  CHECK(items_of(reciprocal_rank_fusion(lists, 2)) == std::vector<uint32_t>{2, 3});
}

TEST_CASE("reciprocal_rank_fusion: the same ranks in other lists are a tie, to the last bit") {
  const std::vector<uint32_t> a{7, 9, 1, 2, 3, 4, 5}, b{9, 1, 2, 7, 3, 4, 5}, c{1, 2, 3, 9, 4, 5, 7};
  // 7 stands at 1, 4, 7; in the lists turned round too.
  const ItemList one[] = {a, b, c}, two[] = {c, a, b}, three[] = {b, c, a};
  auto score_of = [](const std::vector<Blended>& all, uint32_t item) {
    for (const Blended& row : all) {
      if (row.item == item) return row.score;
    }
    return 0.0;
  };
  for (const uint32_t item : {1u, 2u, 7u, 9u}) {
    const double score = score_of(reciprocal_rank_fusion(one, 9), item);
    CHECK(score == score_of(reciprocal_rank_fusion(two, 9), item));
    CHECK(score == score_of(reciprocal_rank_fusion(three, 9), item));
  }
}

TEST_CASE("round_robin: in turn, each item once, a short list is passed over") {
  const std::vector<uint32_t> a{1, 2, 3, 4}, b{1, 5}, c{2};
  const ItemList lists[] = {a, b, c};
  const auto all = round_robin(lists, 10);
  CHECK(items_of(all) == std::vector<uint32_t>{1, 5, 2, 3, 4});
  CHECK(all[1].list == 1);
  CHECK(all[1].at == 1);
  CHECK(items_of(round_robin(lists, 2)) == std::vector<uint32_t>{1, 5});
}

TEST_CASE("team_draft: teams differ by at most one, orders are kept, sides are fair") {
  const std::vector<uint32_t> a{1, 2, 3, 4, 5}, b{3, 1, 6, 7, 8};
  std::map<uint32_t, int> first_by;
  for (uint64_t user = 0; user < 20000; ++user) {
    Rng coin(1, user);
    const auto list = team_draft(a, b, 6, coin);
    REQUIRE(list.size() == 6);
    int of[2] = {0, 0};
    std::map<uint32_t, int> seen;
    size_t next[2] = {0, 0};
    for (const Blended& row : list) {
      CHECK(++seen[row.item] == 1);
      const auto& its = row.list == 0 ? a : b;
      // It is the best item of its list that was not listed yet.
      while (seen.count(its[next[row.list]]) != 0 && its[next[row.list]] != row.item) ++next[row.list];
      CHECK(its[next[row.list]] == row.item);
      ++of[row.list];
      CHECK(std::abs(of[0] - of[1]) <= 1);
    }
    ++first_by[list[0].list];
  }
  CHECK(std::abs(first_by[0] - 10000) < 5 * 71);
}

TEST_CASE("team_draft: ends when either list has nothing left") {
  const std::vector<uint32_t> a{1, 2}, b{2}, none{};
  for (uint64_t user = 0; user < 50; ++user) {
    Rng coin(2, user);
    const auto list = team_draft(a, b, 6, coin);
    // B's only item: either A's first pick came before, or B went first; then A has 1.
    CHECK(list.size() <= 2);
    Rng again(2, user);
    CHECK(team_draft(a, none, 6, again).empty());
  }
}

}  // namespace
}  // namespace rec::blend_test
