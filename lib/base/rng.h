// Random numbers that depend on seed, stream and position alone, so that work
// split among threads draws the same for every number of them: SplitMix64
// (Steele, Lea and Flood 2014). Thread rule: plain data, each its own copy.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace rec {

// The finaliser of SplitMix64: a bijection whose bits all depend on all of `x`.
inline uint64_t mix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

class Rng {
 public:
  // Each (seed, stream, substream) is a sequence of its own.
  explicit Rng(uint64_t seed, uint64_t stream = 0, uint64_t substream = 0)
      : state_(mix64(mix64(mix64(seed + kStep) + stream + kStep) + substream + kStep)) {}

  uint64_t next() { return mix64(state_ += kStep); }

  // Uniform over [0, n), biased by less than n / 2^64. REQUIRES: n > 0.
  uint64_t below(uint64_t n) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<uint64_t>((static_cast<Wide>(next()) * n) >> 64);
  }

  // Uniform over the multiples of 2^-53 in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  // Normal with mean 0, by Box and Muller's method: two draws a value.
  double normal(double deviation) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return deviation * radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

 private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15;
  uint64_t state_;
};

}  // namespace rec
