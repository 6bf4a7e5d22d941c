#include "rank/exposure.h"

#include <doctest/doctest.h>

#include <cmath>

namespace rec::exposure_test {
namespace {

TEST_CASE("Exposure: shares by hand, an item of two groups is split, order of adding does not count") {
  IdTable items;
  for (const char* item : {"a", "b", "c"}) items.intern(item);
  FeatureKind kind;
  for (const char* group : {"x", "y"}) kind.categories.intern(group);
  kind.rows.begin = {0, 1, 2, 4};  // a: x; b: y; c: x and y
  kind.rows.index = {0, 1, 0, 1};
  kind.rows.weight = {1, 1, 1, 1};
  const std::vector<Candidate> candidates{{4, "a", 0}, {3, "c", 1}, {2, "b", 2}, {1, "stranger", 3}};
  const std::vector<double> relevance{1, 2.0 / 3, 1.0 / 3, 0};
  const std::vector<Candidate> list{candidates[0], candidates[1]};
  const std::vector<Candidate> other{candidates[3], candidates[2]};

  Exposure one(items, kind);
  one.add(candidates, relevance, list);
  one.add(candidates, relevance, other);
  Exposure two(items, kind), three(items, kind);
  two.add(candidates, relevance, other);
  three.add(candidates, relevance, list);
  two += three;
  const auto lines = one.lines();
  const auto same = two.lines();
  REQUIRE(lines.size() == 3);
  const double second = 1 / std::log2(3.0), all = 2 + 2 * second;
  CHECK(lines[0].group == "x");
  CHECK(lines[0].items == 2);
  CHECK(lines[0].rows == 2);
  CHECK(lines[0].exposure_share == doctest::Approx((1 + second / 2) / all));
  CHECK(lines[0].relevance_share == doctest::Approx((1 + 1.0 / 3) / 2));
  CHECK(lines[0].ratio == doctest::Approx(lines[0].exposure_share / lines[0].relevance_share));
  CHECK(lines[1].items == 2);
  CHECK(lines[1].exposure_share == doctest::Approx((second / 2 + second) / all));
  CHECK(lines[2].group.empty());
  CHECK(lines[2].items == 1);
  CHECK(lines[2].rows == 1);
  CHECK(std::isnan(lines[2].ratio));
  for (size_t at = 0; at < 3; ++at) {
    CHECK(lines[at].exposure_share == same[at].exposure_share);
    CHECK(lines[at].relevance_share == same[at].relevance_share);
    CHECK(lines[at].items == same[at].items);
  }
}

TEST_CASE("Exposure: groups of few users are left out, and the shares of the others sum to 1") {
  IdTable items;
  for (const char* item : {"a", "b", "c", "d"}) items.intern(item);
  FeatureKind kind;
  for (const char* group : {"w", "x", "y", "z"}) kind.categories.intern(group);
  kind.rows.begin = {0, 1, 2, 3, 4};  // a: w; b: x; c: y; d: z
  kind.rows.index = {0, 1, 2, 3};
  kind.rows.weight = {1, 1, 1, 1};
  const std::vector<Candidate> candidates{{4, "a", 0}, {3, "b", 1}, {2, "c", 2}, {1, "d", 3}};
  const std::vector<double> relevance{1, 0.75, 0.5, 0.25};
  // Listed by 5, 3, 1 and 0 users, in two parts; twice in one list is one user.
  Exposure first(items, kind), second(items, kind);
  for (int user = 0; user < 5; ++user) {
    std::vector<Candidate> list{candidates[0], candidates[0]};
    if (user < 3) list.push_back(candidates[1]);
    if (user < 1) list.push_back(candidates[2]);
    (user % 2 == 0 ? first : second).add(candidates, relevance, list);
  }
  first += second;
  const auto groups = [&](uint64_t least) {
    std::string names;
    double exposure = 0, shares = 0;
    for (const Exposure::Line& line : first.lines(least)) {
      names += line.group;
      exposure += line.exposure_share;
      shares += line.relevance_share;
    }
    if (!names.empty()) {
      CHECK(exposure == doctest::Approx(names == "z" ? 0.0 : 1.0));
      CHECK(shares == doctest::Approx(1.0));
    }
    return names;
  };
  CHECK(groups(0) == "wxyz");
  CHECK(groups(1) == "wxyz");
  CHECK(groups(2) == "wz");  // y, and x so that y cannot be told from the total
  CHECK(groups(3) == "wz");
  CHECK(groups(4) == "wz");
  CHECK(groups(5) == "z");  // x and y have 4 users together, so w goes; z, in no list, has 5 by its candidates
}

}  // namespace
}  // namespace rec::exposure_test
