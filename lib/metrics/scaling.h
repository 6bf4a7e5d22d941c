// Powers of two that keep sums, squares and products within the range of double:
// numbers near its ends are scaled before they are summed, and the result is scaled
// back, so that what has a value gets it and only a value beyond the range
// overflows. Scaling by a power of two changes no digit; numbers of an ordinary size
// are left alone. Thread rule: plain data, pure functions.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace rec {

// Sizes from 2^-100 to 2^100 need no scaling: neither squares nor products of them
// come near the ends, 2^-1074 and 2^1024.
inline constexpr int kModerateExponent = 100;

// e with largest / 2^e near 1; 0 where `largest`, >= 0, is 0 or of a moderate size.
inline int scaling_exponent(double largest) {
  if (largest == 0.0 || !std::isfinite(largest)) return 0;
  const int exponent = std::ilogb(largest);
  return exponent >= -kModerateExponent && exponent <= kModerateExponent ? 0 : exponent;
}

// value / 2^exponent.
inline double scaled_down(double value, int exponent) { return exponent == 0 ? value : std::ldexp(value, -exponent); }
// value · 2^exponent: infinite where that is beyond the range of double.
inline double scaled_up(double value, int exponent) { return exponent == 0 ? value : std::ldexp(value, exponent); }

// Many sums with one exponent, which follows the largest term that was added: sum s is
// sums()[s] · 2^exponent(). The order of the terms decides in the last digit at most.
class ScaledSums {
 public:
  void resize(size_t size) { sums_.resize(size); }

  // Adds value · 2^exponent to sum `at`.
  void add(size_t at, double value, int exponent = 0) {
    if (exponent == 0 && exponent_ == 0 && any_ && is_moderate(value)) {
      sums_[at] += value;
      return;
    }
    if (value == 0.0) return;
    const int size = std::ilogb(value) + exponent;
    const int wanted = size >= -kModerateExponent && size <= kModerateExponent ? 0 : size;
    if (!any_) {
      exponent_ = wanted;
      any_ = true;
    } else if (size > exponent_ + kModerateExponent) {
      for (double& sum : sums_) sum = scaled_down(sum, wanted - exponent_);
      exponent_ = wanted;
    }
    sums_[at] += scaled_up(value, exponent - exponent_);
  }

  const std::vector<double>& sums() const { return sums_; }
  int exponent() const { return exponent_; }

 private:
  static bool is_moderate(double value) { return std::fabs(value) < 0x1p100; }

  std::vector<double> sums_;
  int exponent_ = 0;
  bool any_ = false;  // whether a term other than 0 was added
};

}  // namespace rec
