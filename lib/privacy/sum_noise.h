// Noise for sums over users that are integers already, in steps of 2^-exact_bits: they are rounded down to the grid of
// the noise (privacy/private_sums.h), and the noise is added. What comes out is in the same steps. Thread rule:
// immutable; each thread its own RandomBits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "privacy/discrete_gaussian.h"
#include "privacy/private_sums.h"
#include "privacy/random_bits.h"

namespace rec {

class SumNoise {
 public:
  // A user moves the sums by `exact` at most (L2, in units), before terms are rounded to steps. reach: the root of how
  // many numbers a user moves, each of which the two roundings may move by a step more. In triangles of symmetric
  // matrices a number beside the diagonal stands for two, for both. The deviation is multiplier × sensitivity().
  SumNoise(double multiplier, double exact, double reach, int exact_bits);

  double sensitivity() const { return sensitivity_; }
  const NoiseGrid& grid() const { return grid_; }

  void add_to(std::span<int64_t> sums, RandomBits& bits) const;
  // The upper triangle of an n × n matrix, row by row: beside the diagonal the deviation is by √2 less.
  void add_to_triangle(std::span<int64_t> triangle, size_t n, RandomBits& bits) const;

 private:
  struct Found {  // by the constructor
    double sensitivity;
    NoiseGrid grid;
    uint32_t beside_diagonal;  // deviation, in steps of the grid
  };
  static Found find(double multiplier, double exact, double reach, int exact_bits);
  SumNoise(const Found& found, int exact_bits);
  void add(int64_t& sum, const DiscreteGaussian& noise, RandomBits& bits) const;

  int exact_bits_;
  double sensitivity_;
  NoiseGrid grid_;
  DiscreteGaussian noise_;
  DiscreteGaussian beside_diagonal_;
};

}  // namespace rec
