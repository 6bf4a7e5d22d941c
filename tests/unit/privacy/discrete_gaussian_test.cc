#include "privacy/discrete_gaussian.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <set>
#include <vector>

namespace rec::discrete_gaussian_test {

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

TEST_CASE("discrete_gaussian: chi-square against its probabilities, and one that finds a wrong deviation") {
  RandomBits bits(12);
  for (const uint32_t deviation : {1u, 2u, 3u, 7u, 15u, 16u, 20u, 33u}) {
    CAPTURE(deviation);
    const DiscreteGaussian noise(deviation);
    const auto draw = [&] { return noise.draw(bits); };
    CHECK(chi_square(draw, 100000, discrete(deviation, 12 * static_cast<int>(deviation))) < 4.0);
  }
  const DiscreteGaussian noise(20);
  const auto draw = [&] { return noise.draw(bits); };
  CHECK(chi_square(draw, 100000, discrete(21.0, 240)) > 10.0);
}

TEST_CASE("discrete_gaussian of the deviations that are used: mean, variance, tails") {
  RandomBits bits(13);
  for (const uint32_t deviation : {(1u << 21) + 12345u, kMaxDeviation, 1u << 22, (1u << 22) - 1}) {
    const DiscreteGaussian noise(deviation);
    const int draws = 1000000;
    double sum = 0.0, squares = 0.0;
    std::vector<int> beyond(5, 0);
    for (int at = 0; at < draws; ++at) {
      const double z = static_cast<double>(noise.draw(bits)) / deviation;
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

TEST_CASE("DiscreteGaussian: chi-square in cells as narrow as a seventh of a block, of a deviation that is used") {
  RandomBits bits(14);
  for (const uint32_t deviation : {(1u << 21) + 99u, (1u << 22) - 3u}) {
    const DiscreteGaussian noise(deviation);
    const int64_t width = 40000;  // of a cell; blocks have 2^18
    const auto most = static_cast<int64_t>(13.5 * deviation / static_cast<double>(width)) + 1;
    std::vector<double> p;
    const auto below = [&](double y) {
      return 0.5 * std::erfc(-y / (static_cast<double>(deviation) * std::numbers::sqrt2));
    };
    for (int64_t cell = -most; cell <= most; ++cell) {
      const double middle = static_cast<double>(cell * width);
      p.push_back(below(middle + 0.5 * static_cast<double>(width)) - below(middle - 0.5 * static_cast<double>(width)));
    }
    const auto draw = [&] {
      const int64_t y = noise.draw(bits);
      return (y + (y < 0 ? -width / 2 : width / 2)) / width;
    };
    CHECK(std::abs(chi_square(draw, 4000000, p)) < 4.0);
  }
}

TEST_CASE("is_exactly_below: the curve by an independent long double, from both sides, and its share where they meet") {
  RandomBits bits(15);
  const uint64_t twice_variance = 2 * uint64_t{3000001} * 3000001;
  for (const uint64_t size : {uint64_t{0}, uint64_t{1}, uint64_t{1000000}, uint64_t{3000001}, uint64_t{9876543},
                              uint64_t{20000000}, uint64_t{40000000}}) {
    CAPTURE(size);
    const uint32_t height = 391;
    const auto x = static_cast<long double>(size);
    const long double curve = height * std::exp(-x * x / static_cast<long double>(twice_variance));
    const auto steps = static_cast<uint32_t>(curve);
    const long double rest = (curve - steps) * 0x1p32L;
    const auto fraction = static_cast<uint32_t>(rest);
    const auto decide = [&](uint32_t its_steps, uint32_t its_fraction) {
      return is_exactly_below(its_steps, its_fraction, height, size, twice_variance, bits);
    };
    if (steps > 0) CHECK(decide(steps - 1, 0xffffffffu));
    if (fraction > 0) CHECK(decide(steps, fraction - 1));
    if (fraction < 0xffffffffu) CHECK(!decide(steps, fraction + 1));
    CHECK(!decide(steps + 1, fraction));
    // Between the two, as likely as the curve's next digits are large.
    const int draws = 4000;
    int below = 0;
    for (int at = 0; at < draws; ++at) below += decide(steps, fraction);
    const double share = static_cast<double>(rest - fraction);
    CHECK(std::abs(below - draws * share) <= 4.0 * std::sqrt(draws * share * (1.0 - share)) + 1.0);
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
  // begin() is a new object's stream with a seed; without one nothing comes twice.
  RandomBits bits(5, 2);
  bits.take(7);
  bits.begin(5, 1);
  CHECK(bits.take(32) == RandomBits(5, 1).take(32));
  RandomBits system;
  const uint64_t first = uint64_t{system.take(32)} << 32 | system.take(32);
  system.begin({}, 0);
  CHECK((uint64_t{system.take(32)} << 32 | system.take(32)) != first);
}

}  // namespace rec::discrete_gaussian_test
