#include "privacy/sum_noise.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace rec {

SumNoise::Found SumNoise::find(double multiplier, double exact, double reach, int exact_bits) {
  Found found{exact, NoiseGrid::for_noise(multiplier, exact), 0};
  for (;;) {
    found.grid.bits = std::min(found.grid.bits, exact_bits);
    const double steps = std::ldexp(1.0, -exact_bits) + std::ldexp(1.0, -found.grid.bits);
    const double needed = exact + reach * steps;
    if (needed <= found.sensitivity) break;
    found.sensitivity = needed;  // a wider noise has a coarser grid, if any
    found.grid = NoiseGrid::for_noise(multiplier, found.sensitivity);
  }
  found.beside_diagonal = NoiseGrid::steps(multiplier * found.sensitivity / std::numbers::sqrt2, found.grid.bits);
  found.grid.deviation = NoiseGrid::steps(multiplier * found.sensitivity, found.grid.bits);
  return found;
}

SumNoise::SumNoise(double multiplier, double exact, double reach, int exact_bits)
    : SumNoise(find(multiplier, exact, reach, exact_bits), exact_bits) {}

SumNoise::SumNoise(const Found& found, int exact_bits)
    : exact_bits_(exact_bits),
      sensitivity_(found.sensitivity),
      grid_(found.grid),
      noise_(found.grid.deviation),
      beside_diagonal_(found.beside_diagonal) {}

void SumNoise::add(int64_t& sum, const DiscreteGaussian& noise, RandomBits& bits) const {
  // A shift rounds down, below 0, too.
  const int shift = exact_bits_ - grid_.bits;
  sum = ((sum >> shift) + noise.draw(bits)) * (int64_t{1} << shift);
}

void SumNoise::add_to(std::span<int64_t> sums, RandomBits& bits) const {
  for (int64_t& sum : sums) add(sum, noise_, bits);
}

void SumNoise::add_to_triangle(std::span<int64_t> triangle, size_t n, RandomBits& bits) const {
  assert(triangle.size() == n * (n + 1) / 2);
  int64_t* sum = triangle.data();
  for (size_t row = 0; row < n; ++row) {
    for (size_t column = row; column < n; ++column) add(*sum++, column == row ? noise_ : beside_diagonal_, bits);
  }
}

}  // namespace rec
