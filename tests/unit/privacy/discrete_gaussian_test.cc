#include "privacy/discrete_gaussian.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <set>
#include <vector>

using namespace rec;

namespace {

// P(y), y in [-most, most], of the discrete Gaussian.
std::vector<double> discrete(double deviation, int most) {
  std::vector<double> p;
  double sum = 0.0;
  for (int y = -most; y <= most; ++y) {
    p.push_back(std::exp(-y * y / (2.0 * deviation * deviation)));
    sum += p.back();
  }
  for (double& value : p) value /= sum;
  return p;
}

// Chi-square of `draws` against probabilities of -most..most, as deviations of its distribution from
// its mean; cells that expect less than 10 are one.
double chi_square(const std::function<int64_t()>& draw, int draws, const std::vector<double>& p) {
  const auto most = static_cast<int64_t>(p.size() / 2);
  std::vector<double> seen(p.size(), 0.0);
  for (int at = 0; at < draws; ++at) {
    const int64_t y = draw();
    REQUIRE(std::abs(y) <= most);
    ++seen[static_cast<size_t>(y + most)];
  }
  double sum = 0.0, rest = 0.0, rest_seen = 0.0, cells = 0.0;
  const auto add = [&](double found, double expected) {
    sum += (found - expected) * (found - expected) / expected;
    ++cells;
  };
  for (size_t cell = 0; cell < p.size(); ++cell) {
    const double expected = p[cell] * draws;
    if (expected < 10.0) {
      rest += expected;
      rest_seen += seen[cell];
    } else {
      add(seen[cell], expected);
    }
  }
  if (rest > 1.0) add(rest_seen, rest);
  return (sum - (cells - 1.0)) / std::sqrt(2.0 * (cells - 1.0));
}

}  // namespace

TEST_CASE("bernoulli and bernoulli_exp have the probabilities they say") {
  RandomBits bits(11);
  const int draws = 200000;
  const auto share = [&](const std::function<bool()>& draw) {
    int hits = 0;
    for (int at = 0; at < draws; ++at) hits += draw();
    return static_cast<double>(hits) / draws;
  };
  const double wide = 5.0 * 0.5 / std::sqrt(draws);
  for (const auto& [a, b] : std::vector<std::pair<uint64_t, uint64_t>>{
           {0, 1}, {1, 1}, {1, 3}, {65535, 65536}, {3, 65537}, {1, 2}, {99999999999, 140737488355327}}) {
    CAPTURE(a);
    CAPTURE(b);
    CHECK(std::abs(share([&] { return bernoulli(a, b, bits); }) - static_cast<double>(a) / static_cast<double>(b)) <
          wide);
  }
  for (const auto& [a, b] : std::vector<std::pair<uint64_t, uint64_t>>{{0, 1}, {1, 1}, {1, 2}, {5, 2}, {7, 3}}) {
    CAPTURE(a);
    CAPTURE(b);
    CHECK(std::abs(share([&] { return bernoulli_exp(a, b, bits); }) -
                   std::exp(-static_cast<double>(a) / static_cast<double>(b))) < wide);
  }
}

TEST_CASE("discrete_gaussian: chi-square against its probabilities, and one that finds a wrong deviation") {
  RandomBits bits(12);
  for (const uint32_t deviation : {1u, 2u, 3u, 7u, 20u}) {
    CAPTURE(deviation);
    const auto draw = [&] { return discrete_gaussian(deviation, bits); };
    CHECK(chi_square(draw, 100000, discrete(deviation, 12 * static_cast<int>(deviation))) < 4.0);
  }
  const auto draw = [&] { return discrete_gaussian(20, bits); };
  CHECK(chi_square(draw, 100000, discrete(21.0, 240)) > 10.0);
}

TEST_CASE("discrete_gaussian of the deviations that are used: mean, variance, tails") {
  RandomBits bits(13);
  for (const uint32_t deviation : {(1u << 21) + 12345u, kMaxDeviation}) {
    const int draws = 100000;
    double sum = 0.0, squares = 0.0;
    std::vector<int> beyond(4, 0);
    for (int at = 0; at < draws; ++at) {
      const double z = static_cast<double>(discrete_gaussian(deviation, bits)) / deviation;
      sum += z;
      squares += z * z;
      for (size_t k = 0; k < beyond.size(); ++k) beyond[k] += z > static_cast<double>(k);
    }
    CHECK(std::abs(sum) < 4.0 * std::sqrt(draws));
    CHECK(std::abs(squares - draws) < 4.0 * std::sqrt(2.0 * draws));
    for (size_t k = 0; k < beyond.size(); ++k) {
      const double expected = draws * 0.5 * std::erfc(static_cast<double>(k) / std::numbers::sqrt2);
      CHECK(std::abs(beyond[k] - expected) < 4.0 * std::sqrt(expected));
    }
  }
}

// What private_sums.h says of the grid: to Gaussian noise that is rounded the discrete Gaussian with a
// twelfth more variance is closer than 1e-3 / deviation^4.
TEST_CASE("rounded and discrete Gaussians differ by less than is said") {
  for (const double deviation : {2.0, 4.0, 8.0, 16.0}) {
    CAPTURE(deviation);
    const int most = static_cast<int>(12 * deviation);
    const std::vector<double> p = discrete(std::sqrt(deviation * deviation + 1.0 / 12.0), most);
    double distance = 0.0;
    for (int y = -most; y <= most; ++y) {
      const auto below = [&](double x) { return 0.5 * std::erfc(-x / (deviation * std::numbers::sqrt2)); };
      const double rounded = y > 0 ? below(0.5 - y) - below(-0.5 - y) : below(y + 0.5) - below(y - 0.5);
      distance += 0.5 * std::abs(rounded - p[static_cast<size_t>(y + most)]);
    }
    CHECK(distance < 1e-3 / std::pow(deviation, 4.0));
  }
}

TEST_CASE("RandomBits: a seed repeats, streams differ, the system's bits do too") {
  const auto words = [](RandomBits bits) {
    std::vector<uint32_t> all;
    for (int at = 0; at < 2000; ++at) all.push_back(bits.take(32));
    return all;
  };
  CHECK(words(RandomBits(5)) == words(RandomBits(5)));
  CHECK(words(RandomBits(5)) != words(RandomBits(6)));
  CHECK(words(RandomBits(5, 1)) != words(RandomBits(5, 2)));
  const std::vector<uint32_t> drawn = words(RandomBits());
  CHECK(drawn != words(RandomBits()));
  CHECK(std::set<uint32_t>(drawn.begin(), drawn.end()).size() > 1990);
  RandomBits bits(7);
  std::vector<int> seen(5, 0);
  for (int at = 0; at < 50000; ++at) ++seen[bits.below(5)];
  for (const int count : seen) CHECK(std::abs(count - 10000) < 400);
  CHECK(bits.below(1) == 0);
}
