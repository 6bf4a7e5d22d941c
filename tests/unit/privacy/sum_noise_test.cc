#include "privacy/sum_noise.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace rec::sum_noise_test {

namespace {

double deviation_of(const std::vector<double>& values) {
  double squares = 0.0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares / static_cast<double>(values.size()));
}

}  // namespace

TEST_CASE("SumNoise: the sensitivity holds the two roundings, and the deviation is the multiplier times it") {
  for (const double multiplier : {0.3, 5.0, 1e3}) {
    for (const double reach : {0.0, 7.0, 300.0}) {
      const SumNoise noise(multiplier, 2.0, reach, 30);
      CAPTURE(multiplier);
      CAPTURE(reach);
      CHECK(noise.grid().bits <= 30);
      CHECK(noise.sensitivity() >= 2.0 + reach * (std::ldexp(1.0, -30) + std::ldexp(1.0, -noise.grid().bits)));
      CHECK(noise.sensitivity() < 2.0 * (1.0 + 1e-4) + reach * std::ldexp(4.0, -noise.grid().bits));
      const double deviation = std::ldexp(static_cast<double>(noise.grid().deviation), -noise.grid().bits);
      CHECK(deviation > multiplier * noise.sensitivity());
      CHECK(deviation < multiplier * noise.sensitivity() * 1.00001);
      CHECK(noise.grid().deviation >= 1u << 21);
    }
  }
  CHECK(SumNoise(1.0, 2.0, 0.0, 30).sensitivity() == 2.0);
}

TEST_CASE("SumNoise: what is added has the deviation that is said, by √2 less beside a diagonal") {
  const SumNoise noise(3.0, 2.0, 1.0, 30);
  RandomBits bits(5);
  std::vector<int64_t> sums(20000, int64_t{1} << 36);
  noise.add_to(sums, bits);
  std::vector<double> drawn;
  for (const int64_t sum : sums) drawn.push_back(std::ldexp(static_cast<double>(sum), -30) - 64.0);
  CHECK(deviation_of(drawn) == doctest::Approx(6.0).epsilon(0.02));
  const size_t n = 200;
  std::vector<int64_t> triangle(n * (n + 1) / 2, 0);
  noise.add_to_triangle(triangle, n, bits);
  std::vector<double> diagonal, beside;
  size_t at = 0;
  for (size_t row = 0; row < n; ++row) {
    for (size_t column = row; column < n; ++column)
      (column == row ? diagonal : beside).push_back(std::ldexp(static_cast<double>(triangle[at++]), -30));
  }
  CHECK(deviation_of(diagonal) == doctest::Approx(6.0).epsilon(0.2));
  CHECK(deviation_of(beside) == doctest::Approx(6.0 / std::sqrt(2.0)).epsilon(0.02));
}

TEST_CASE("SumNoise: sums lie on the grid of the noise, rounded down, those below 0, too") {
  const SumNoise noise(1e4, 1.0, 1.0, 30);
  REQUIRE(noise.grid().bits < 20);
  const int64_t step = int64_t{1} << (30 - noise.grid().bits);
  const auto with = [&](int64_t sum) {
    std::vector<int64_t> one{sum};
    RandomBits bits(9);
    noise.add_to(one, bits);
    return one[0];
  };
  CHECK(with(0) % step == 0);
  CHECK(with(step - 1) == with(0));
  CHECK(with(step) == with(0) + step);
  CHECK(with(-1) == with(0) - step);
}

}  // namespace rec::sum_noise_test
