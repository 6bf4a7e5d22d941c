#include "rank/explore.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <string>

#include "base/error.h"

namespace rec::explore_test {
namespace {

std::vector<Candidate> candidates_of(const std::vector<std::string>& names) {
  std::vector<Candidate> candidates;
  for (uint32_t at = 0; at < names.size(); ++at)
    candidates.push_back({static_cast<double>(names.size() - at), names[at], at});
  return candidates;
}

// How often each (item, rank) came, of `lists`.
using Frequencies = std::map<std::pair<std::string_view, size_t>, double>;

// Within five standard errors.
void check_frequency(double found, double expected, double lists) {
  const double error = std::sqrt(std::max(expected * (1 - expected), 1e-9) / lists);
  CHECK(std::abs(found - expected) < 5 * error + 1e-9);
}

TEST_CASE("epsilon-greedy: the propensities are the long-run frequencies") {
  const std::vector<std::string> names{"a", "b", "c", "d", "e", "f"};
  for (const double epsilon : {0.0, 0.1, 0.5, 1.0}) {
    constexpr int kLists = 100000;
    Frequencies times;
    for (int list = 0; list < kLists; ++list) {
      Rng random(5, static_cast<uint64_t>(list));
      auto candidates = candidates_of(names);
      std::vector<double> propensity;
      explore_epsilon_greedy(candidates, 4, epsilon, random, propensity);
      REQUIRE(candidates.size() == 4);
      for (size_t rank = 0; rank < 4; ++rank) {
        times[{names[candidates[rank].row], rank}] += 1;
        CHECK(propensity[rank] == epsilon_greedy_propensity(6, candidates[rank].row, rank, epsilon));
        CHECK(propensity[rank] > 0);
      }
    }
    for (size_t rank = 0; rank < 4; ++rank) {
      double sum = 0;
      for (size_t place = 0; place < 6; ++place) {
        const double propensity = epsilon_greedy_propensity(6, place, rank, epsilon);
        check_frequency(times[{names[place], rank}] / kLists, propensity, kLists);
        sum += propensity;
      }
      CHECK(sum == doctest::Approx(1));  // some item stands there
    }
  }
  // Over all ranks, an item stands somewhere.
  for (size_t place = 0; place < 6; ++place) {
    double sum = 0;
    for (size_t rank = 0; rank < 6; ++rank) sum += epsilon_greedy_propensity(6, place, rank, 0.3);
    CHECK(sum == doctest::Approx(1));
  }
  CHECK(epsilon_greedy_propensity(5, 0, 0, 0.2) == doctest::Approx(0.8 + 0.2 / 5));
  CHECK(epsilon_greedy_propensity(5, 3, 0, 0.2) == doctest::Approx(0.2 / 5));
}

TEST_CASE("draw_beta: mean and variance") {
  Rng random(3);
  for (const auto& [a, b] :
       {std::pair(1.0, 1.0), std::pair(3.0, 7.0), std::pair(1.0, 500.0), std::pair(4000.0, 100.0)}) {
    constexpr int kDraws = 200000;
    double sum = 0, squares = 0;
    for (int draw = 0; draw < kDraws; ++draw) {
      const double x = draw_beta(a, b, random);
      REQUIRE(x >= 0);
      REQUIRE(x <= 1);
      sum += x;
      squares += x * x;
    }
    const double mean = a / (a + b), variance = mean * (1 - mean) / (a + b + 1);
    CHECK(std::abs(sum / kDraws - mean) < 5 * std::sqrt(variance / kDraws));
    CHECK(squares / kDraws - (sum / kDraws) * (sum / kDraws) == doctest::Approx(variance).epsilon(0.05));
  }
}

TEST_CASE("Thompson: the propensities are the long-run frequencies") {
  const std::vector<std::string> names{"a", "b", "c", "d"};
  ItemNumbers counts;
  counts.columns = 2;
  for (const char* item : {"a", "b", "c"}) counts.items.intern(item);  // d: no counts
  counts.values = {10, 5, 20, 9, 40, 2};
  constexpr int kLists = 20000;
  Frequencies times, estimate;
  for (int list = 0; list < kLists; ++list) {
    Rng random(6, static_cast<uint64_t>(list));
    auto candidates = candidates_of(names);
    std::vector<double> propensity;
    explore_thompson(candidates, 2, counts, 50, random, propensity);
    REQUIRE(candidates.size() == 2);
    for (size_t rank = 0; rank < 2; ++rank) {
      times[{names[candidates[rank].row], rank}] += 1;
      estimate[{names[candidates[rank].row], rank}] += propensity[rank];
    }
  }
  for (const auto& [what, count] : times) {
    const double p = count / kLists;
    // The estimate counts the list itself: its mean is (1 + D p) / (1 + D).
    CHECK(estimate[what] / count == doctest::Approx((1 + 50 * p) / 51).epsilon(0.05));
  }
  CHECK(times.count({"c", 0}) == 0);  // 2 of 40 never beats the best of the others here
}

TEST_CASE("checked_counts: more clicks than impressions") {
  ItemNumbers counts;
  counts.columns = 2;
  counts.name = "counts.tsv";
  counts.items.intern("a");
  counts.values = {3, 4};
  CHECK_THROWS_WITH_AS(checked_counts(counts), "counts.tsv: item \"a\" has 4 clicks of 3 impressions", Error);
}

}  // namespace
}  // namespace rec::explore_test
