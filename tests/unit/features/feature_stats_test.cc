#include "features/feature_stats.h"

#include <doctest/doctest.h>

namespace rec::feature_stats_test {

TEST_CASE("stats of features by hand") {
  FeatureTable features;
  for (const char* item : {"a", "b", "c", "d"}) features.ids.intern(item);
  FeatureKind genre{"genre", {}, {{0, 2, 3, 3, 4}, {0, 2, 2, 0}, {1.0f, 2.0f, 4.0f, 5.0f}}};
  for (const char* category : {"drama", "noir", "war"}) genre.categories.intern(category);
  features.kinds.push_back(std::move(genre));
  features.kinds.push_back({"none", {}, {{0, 0, 0, 0, 0}, {}, {}}});
  const std::vector<FeatureKindStats> stats = feature_stats(features);
  REQUIRE(stats.size() == 2);
  CHECK(stats[0].categories == 3);
  CHECK(stats[0].items == 3);
  CHECK(stats[0].share == 0.75);
  CHECK(stats[0].values == 4);
  CHECK(stats[0].least == 1.0f);
  CHECK(stats[0].mean == 3.0);
  CHECK(stats[0].greatest == 5.0f);
  CHECK(stats[0].commonest == "drama");  // as many as war, and before it
  CHECK(stats[0].commonest_items == 2);
  CHECK(stats[1].items == 0);
  CHECK(stats[1].mean == 0.0);
  CHECK(stats[1].commonest.empty());
}

}  // namespace rec::feature_stats_test
