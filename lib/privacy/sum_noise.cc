#include "privacy/sum_noise.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "privacy/discrete_gaussian.h"

namespace rec {

SumNoise::SumNoise(double multiplier, double exact, double reach, int exact_bits)
    : exact_bits_(exact_bits), sensitivity_(exact), grid_(NoiseGrid::for_noise(multiplier, exact)) {
  for (;;) {
    grid_.bits = std::min(grid_.bits, exact_bits);
    const double steps = std::ldexp(1.0, -exact_bits) + std::ldexp(1.0, -grid_.bits);
    const double needed = exact + reach * steps;
    if (needed <= sensitivity_) break;
    sensitivity_ = needed;  // a wider noise has a coarser grid, if any
    grid_ = NoiseGrid::for_noise(multiplier, sensitivity_);
  }
  beside_diagonal_ = NoiseGrid::steps(multiplier * sensitivity_ / std::numbers::sqrt2, grid_.bits);
  grid_.deviation = NoiseGrid::steps(multiplier * sensitivity_, grid_.bits);
}

void SumNoise::add(int64_t& sum, uint32_t deviation, RandomBits& bits) const {
  // A shift rounds down, below 0, too.
  const int shift = exact_bits_ - grid_.bits;
  sum = ((sum >> shift) + discrete_gaussian(deviation, bits)) * (int64_t{1} << shift);
}

void SumNoise::add_to(std::span<int64_t> sums, RandomBits& bits) const {
  for (int64_t& sum : sums) add(sum, grid_.deviation, bits);
}

void SumNoise::add_to_triangle(std::span<int64_t> triangle, size_t n, RandomBits& bits) const {
  assert(triangle.size() == n * (n + 1) / 2);
  int64_t* sum = triangle.data();
  for (size_t row = 0; row < n; ++row) {
    for (size_t column = row; column < n; ++column)
      add(*sum++, column == row ? grid_.deviation : beside_diagonal_, bits);
  }
}

}  // namespace rec
