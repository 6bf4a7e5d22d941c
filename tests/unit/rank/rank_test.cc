#include "rank/rank.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "small_data.h"

namespace rec::rank_test {
namespace {

TEST_CASE("keep_best: equals sort, unique by item, cut; for any input") {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    const size_t n = random() % 30;
    const size_t k = 1 + random() % 12;
    const size_t different = 1 + random() % 40;
    std::vector<std::string> names(n);
    std::vector<Candidate> candidates;
    for (uint32_t row = 0; row < n; ++row) {
      names[row] = std::to_string(random() % different);
      candidates.push_back({static_cast<double>(random() % 5), names[row], row});
    }
    std::vector<Candidate> expected = candidates;
    std::stable_sort(expected.begin(), expected.end(), [](const Candidate& a, const Candidate& b) {
      return a.score != b.score ? a.score > b.score : a.item < b.item;
    });
    std::vector<Candidate> unique;
    uint64_t passed = 0;
    for (const Candidate& candidate : expected) {
      if (unique.size() == k) break;
      const bool listed =
          std::any_of(unique.begin(), unique.end(), [&](const Candidate& c) { return c.item == candidate.item; });
      if (listed) {
        ++passed;
      } else {
        unique.push_back(candidate);
      }
    }
    uint64_t duplicates = 0;
    keep_best(candidates, k, duplicates);
    REQUIRE(candidates.size() == unique.size());
    for (size_t at = 0; at < unique.size(); ++at) CHECK(candidates[at].row == unique[at].row);
    CHECK(duplicates == passed);
  }
}

TEST_CASE("CandidateFilter: seen pairs, allow and block lists") {
  CandidateFilter filter;
  CHECK(filter.empty());
  RowsBuilder rows;
  rows.add("u1", "a");
  rows.add("u2", "b");
  filter.exclude(as_user_items(rows.build()));
  IdTable allowed;
  for (const char* item : {"a", "b", "c"}) allowed.intern(item);
  filter.allow(allowed);
  IdTable blocked;
  blocked.intern("c");
  filter.block(blocked);
  CHECK(!filter.empty());
  const CandidateFilter::User one(filter, "u1");
  CHECK(!one.admits("a"));  // seen
  CHECK(one.admits("b"));   // seen by another user
  CHECK(!one.admits("c"));  // blocked
  CHECK(!one.admits("d"));  // not allowed
  const CandidateFilter::User stranger(filter, "u3");
  CHECK(stranger.admits("a"));
}

}  // namespace
}  // namespace rec::rank_test
