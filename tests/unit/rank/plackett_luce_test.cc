#include "rank/plackett_luce.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>

#include "rank/explore.h"

namespace rec::plackett_luce_test {
namespace {

// By the definition: all lists, each with the product of its choices.
void enumerate(const std::vector<double>& weights, size_t ranks, std::vector<size_t>& list, double chance,
               std::vector<double>& probability) {
  if (list.size() == ranks) {
    for (size_t rank = 0; rank < ranks; ++rank) probability[list[rank] * ranks + rank] += chance;
    return;
  }
  const auto taken = [&](size_t i) { return std::find(list.begin(), list.end(), i) != list.end(); };
  double left = 0.0;
  for (size_t i = weights.size(); i-- > 0;) left += taken(i) ? 0.0 : weights[i];
  for (size_t i = 0; i < weights.size(); ++i) {
    if (taken(i)) continue;
    list.push_back(i);
    enumerate(weights, ranks, list, chance * weights[i] / left, probability);
    list.pop_back();
  }
}

TEST_CASE("plackett_luce: random weights against all lists") {
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    const size_t n = 1 + random() % 6;
    const size_t ranks = 1 + random() % n;
    const double spread = std::pow(10.0, static_cast<double>(random() % 4) - 1.0);
    std::vector<double> logs(n), weights(n);
    for (double& value : logs) value = -spread * static_cast<double>(random() % 1000) / 1000;
    std::sort(logs.begin(), logs.end(), std::greater<>());
    for (size_t i = 0; i < n; ++i) weights[i] = std::exp(logs[i]);
    std::vector<double> expected(n * ranks, 0.0), found;
    std::vector<size_t> list;
    enumerate(weights, ranks, list, 1.0, expected);
    plackett_luce(logs, ranks, found);
    REQUIRE(found.size() == expected.size());
    for (size_t at = 0; at < found.size(); ++at) {
      CHECK(std::fabs(found[at] - expected[at]) < 1e-13);
      CHECK(found[at] == doctest::Approx(expected[at]).epsilon(1e-9));  // small ones too
    }
  }
}

TEST_CASE("plackett_luce: some candidate stands at each rank, and a candidate at some rank") {
  std::mt19937 random(5);
  for (const size_t n : {2u, 17u, 60u}) {
    std::vector<double> logs(n);
    for (double& value : logs) value = -static_cast<double>(random() % 5000) / 100;
    std::sort(logs.begin(), logs.end(), std::greater<>());
    std::vector<double> probability;
    plackett_luce(logs, n, probability);
    for (size_t i = 0; i < n; ++i) {
      double of_candidate = 0.0, of_rank = 0.0;
      for (size_t j = 0; j < n; ++j) {
        of_candidate += probability[i * n + j];
        of_rank += probability[j * n + i];
      }
      CHECK(of_candidate == doctest::Approx(1.0).epsilon(1e-13));
      CHECK(of_rank == doctest::Approx(1.0).epsilon(1e-13));
    }
  }
}

TEST_CASE("plackett_luce: equal weights, weights far apart, and none") {
  std::vector<double> probability;
  plackett_luce(std::vector<double>(100, 7.0), 10, probability);
  for (const double value : probability) CHECK(value == doctest::Approx(0.01).epsilon(1e-13));
  // e^-5000 and less: the order of the keys.
  const double beyond = -std::numeric_limits<double>::infinity();
  plackett_luce(std::vector<double>{0.0, -5000.0, -1e300, beyond, beyond}, 5, probability);
  for (size_t i = 0; i < 3; ++i) {
    for (size_t rank = 0; rank < 5; ++rank)
      CHECK(probability[i * 5 + rank] == doctest::Approx(i == rank ? 1.0 : 0.0).epsilon(1e-13));
  }
  CHECK(probability[3 * 5 + 3] == doctest::Approx(0.5));  // of two without weight, neither is first
  plackett_luce(std::vector<double>{}, 3, probability);
  CHECK(probability.empty());
}

TEST_CASE("softmax weights: the formula, with epsilon a mixture") {
  const std::vector<Candidate> candidates{{3.0, "a", 0}, {1.0, "b", 1}, {-2.0, "c", 2}};
  std::vector<double> logs, probability;
  softmax_log_weights(candidates, 2.0, 0.3, logs);
  plackett_luce(logs, 1, probability);
  const double sum = std::exp(1.5) + std::exp(0.5) + std::exp(-1.0);
  CHECK(probability[0] == doctest::Approx(0.7 * std::exp(1.5) / sum + 0.1));
  CHECK(probability[2] == doctest::Approx(0.7 * std::exp(-1.0) / sum + 0.1));
  softmax_log_weights(candidates, 2.0, 1.0, logs);
  plackett_luce(logs, 1, probability);
  CHECK(probability[1] == doctest::Approx(1.0 / 3));
  // Keys whose distance is beyond the range of double.
  const std::vector<Candidate> huge{{1e308, "a", 0}, {-1e308, "b", 1}};
  softmax_log_weights(huge, 1e-3, 0.0, logs);
  plackett_luce(logs, 2, probability);
  CHECK(probability[0] == 1.0);
}

TEST_CASE("explore_softmax: the propensities are the long-run frequencies") {
  const std::vector<std::string> names{"a", "b", "c", "d", "e"};
  constexpr int kLists = 40000;
  std::vector<double> times(5 * 3, 0.0), logs, expected;
  std::vector<Candidate> all;
  for (uint32_t at = 0; at < 5; ++at) all.push_back({1.0 - at, names[at], at});
  softmax_log_weights(all, 1.3, 0.2, logs);
  plackett_luce(logs, 3, expected);
  for (int list = 0; list < kLists; ++list) {
    Rng random(9, static_cast<uint64_t>(list));
    std::vector<Candidate> candidates = all;
    std::vector<double> propensity;
    explore_softmax(candidates, 3, 1.3, 0.2, random, propensity);
    REQUIRE(candidates.size() == 3);
    for (size_t rank = 0; rank < 3; ++rank) {
      times[candidates[rank].row * 3 + rank] += 1.0;
      CHECK(propensity[rank] == expected[candidates[rank].row * 3 + rank]);
    }
  }
  for (size_t at = 0; at < times.size(); ++at) {
    const double error = std::sqrt(expected[at] * (1 - expected[at]) / kLists);
    CHECK(std::fabs(times[at] / kLists - expected[at]) < 5 * error);
  }
}

TEST_CASE("tables of epsilon-greedy and of Thompson sampling agree with the propensities of their lists") {
  std::vector<double> probability;
  epsilon_greedy_probabilities(6, 4, 0.3, probability);
  REQUIRE(probability.size() == 24);
  for (size_t place = 0; place < 6; ++place) {
    for (size_t rank = 0; rank < 4; ++rank)
      CHECK(probability[place * 4 + rank] == epsilon_greedy_propensity(6, place, rank, 0.3));
  }
  ItemNumbers counts;
  counts.columns = 2;
  counts.items.intern("a");
  counts.items.intern("b");
  counts.values = {10, 6, 20, 9};
  const std::vector<Candidate> candidates{{3, "a", 0}, {2, "b", 1}, {1, "c", 2}};
  Rng random(1);
  thompson_probabilities(candidates, 2, counts, 40000, random, probability);
  std::vector<double> times(6, 0.0);
  for (uint64_t list = 0; list < 20000; ++list) {
    Rng its(2, list);
    std::vector<Candidate> drawn = candidates;
    std::vector<double> propensity;
    explore_thompson(drawn, 2, counts, 1, its, propensity);
    for (size_t rank = 0; rank < 2; ++rank) times[drawn[rank].row * 2 + rank] += 1.0 / 20000;
  }
  for (size_t at = 0; at < 6; ++at) CHECK(std::fabs(times[at] - probability[at]) < 0.02);
  CHECK(probability[0] + probability[2] + probability[4] == doctest::Approx(1.0));
}

TEST_CASE("the probabilities of one list are those of all lists at its places, bit for bit") {
  const std::vector<double> log_weights{0.0, -0.1, -0.7, -0.7, -2.0, -9.0, -30.0};
  std::vector<double> all, some;
  plackett_luce(log_weights, 4, all);
  const std::vector<uint32_t> list{3, 0, 6, 1};
  plackett_luce(log_weights, 4, some, list);
  REQUIRE(some.size() == all.size());
  for (size_t rank = 0; rank < list.size(); ++rank)
    CHECK(some[list[rank] * list.size() + rank] == all[list[rank] * list.size() + rank]);
  CHECK(some[2 * list.size() + 1] == 0.0);  // not asked for
}

}  // namespace
}  // namespace rec::plackett_luce_test
