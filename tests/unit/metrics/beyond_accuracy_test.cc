#include "metrics/beyond_accuracy.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace rec::beyond_accuracy_test {

namespace {

// Items a b c d, had by 4, 2, 1 and 0 of 4 training users; ann's history is a, c.
// Features: a {x, y}, b {y}, c {z}, d none.
ItemTable table() {
  ItemTable table;
  for (const char* id : {"a", "b", "c", "d"}) table.ids.intern(id);
  table.in_catalogue = {1, 1, 1, 1};
  table.catalogue = 4;
  table.popularity = {4, 2, 1, 0};
  table.place = {0, 1, 2, 3};
  table.history_popularity = {2.5, std::nan("")};
  table.train_users = 4;
  table.feature_begin = {0, 2, 3, 4, 4};
  table.feature = {0, 1, 1, 2};
  table.feature_value = {1.0f, 1.0f, 2.0f, 1.0f};
  return table;
}

const ItemTable kTable = table();

ListedItems list(const std::vector<uint32_t>& items, const std::vector<Hit>& hits = {}, uint32_t user = 0) {
  return {items, hits, user, kTable};
}

}  // namespace

TEST_CASE("popularity: novelty, arp and lift by hand") {
  const std::vector<uint32_t> items = {1, 0, 2, 3, kNoId};
  CHECK(novelty(list(items), 2) == 0.5);           // -log2(2/4) and -log2(4/4)
  CHECK(novelty(list(items), kWholeList) == 1.4);  // 1 0 2 2 2: nobody counts as one user
  CHECK(average_popularity(list(items), 3) == doctest::Approx(7.0 / 3.0));
  CHECK(average_popularity(list(items), 99) == 1.4);
  CHECK(popularity_lift(list(items), 1) == doctest::Approx(-0.2));
  CHECK(std::isnan(popularity_lift(list(items, {}, 1), 1)));
  const std::vector<uint32_t> none;
  CHECK(std::isnan(novelty(list(none), 3)));
  CHECK(std::isnan(average_popularity(list(none), 3)));
}

TEST_CASE("diversity: pairs with features, by sets and by values") {
  const std::vector<uint32_t> items = {0, 1, 3, 2, kNoId};
  CHECK(diversity(list(items), 2) == 0.5);  // y of x y
  CHECK(diversity(list(items), 5) == doctest::Approx((0.5 + 1.0 + 1.0) / 3.0));
  CHECK(diversity_cosine(list(items), 2) == doctest::Approx(1.0 - std::sqrt(0.5)));
  CHECK(std::isnan(diversity(list(items), 1)));
  const std::vector<uint32_t> twice = {1, 1};
  CHECK(diversity(list(twice), 2) == 0.0);
  CHECK(diversity_cosine(list(twice), 2) == 0.0);
}

TEST_CASE("serendipity: hits beyond the most popular") {
  const std::vector<uint32_t> items = {0, 2, 1};
  const std::vector<Hit> hits = {{0, 1.0}, {1, 1.0}, {2, 1.0}};
  CHECK(serendipity(list(items, hits), 1) == 0.0);
  CHECK(serendipity(list(items, hits), 2) == 0.5);  // c is not among a, b
  CHECK(serendipity(list(items, hits), kWholeList) == 0.0);
  const std::vector<uint32_t> none;
  CHECK(serendipity(list(none), 10) == 0.0);
}

TEST_CASE("exposure: coverage, gini and entropy by hand") {
  CHECK(coverage(std::vector<uint64_t>{3, 0, 1, 0}) == 0.5);
  CHECK(gini(std::vector<uint64_t>{2, 2, 2}) == 0.0);
  CHECK(gini(std::vector<uint64_t>{0, 0, 0, 8}) == 0.75);
  CHECK(entropy(std::vector<uint64_t>{2, 1, 1, 0}) == 1.5);
  CHECK(std::isnan(gini(std::vector<uint64_t>{0, 0})));
  CHECK(std::isnan(entropy(std::vector<uint64_t>{0, 0})));
}

}  // namespace rec::beyond_accuracy_test
