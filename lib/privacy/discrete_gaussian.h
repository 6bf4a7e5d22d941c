// The discrete Gaussian: integers y with probability proportional to exp(-y²/2σ²).
// Drawn exactly, in integers, by the rejection of Canonne, Kamath and Steinke 2020
// (arXiv:2004.00010, algorithms 1 to 3). Noise in floating point leaks through its
// rounding; this has none.
// Thread rule: free functions and plain data; each thread its own RandomBits.
#pragma once

#include <cstdint>

#include "privacy/random_bits.h"

namespace rec {

// True with probability a/b. REQUIRES: a <= b, 0 < b < 2^48.
bool bernoulli(uint64_t a, uint64_t b, RandomBits& bits);

// True with probability exp(-a/b). REQUIRES: 0 < b < 2^48.
bool bernoulli_exp(uint64_t a, uint64_t b, RandomBits& bits);

inline constexpr uint32_t kMaxDeviation = (uint32_t{1} << 23) - 1;

// deviation: σ. REQUIRES: 1 <= deviation <= kMaxDeviation.
int64_t discrete_gaussian(uint32_t deviation, RandomBits& bits);

}  // namespace rec
