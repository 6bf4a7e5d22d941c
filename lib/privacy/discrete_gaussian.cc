#include "privacy/discrete_gaussian.h"

#include <cassert>

namespace rec {
namespace {

// Of the discrete Laplace distribution, |y| steps are cut off here. Of so many the
// Gaussian keeps one in exp(2^17): no difference that could be seen.
constexpr uint64_t kMostSteps = 512;

}  // namespace

bool bernoulli(uint64_t a, uint64_t b, RandomBits& bits) {
  assert(a <= b && b > 0 && b < uint64_t{1} << 48);
  // The fraction a/b digit by digit, in base 2^8, beside a uniform one: the first digit that
  // differs decides, and that is nearly always the first: larger digits would cost more random bits.
  for (;;) {
    if (a == b) return true;
    if (a == 0) return false;
    const uint64_t scaled = a << 8;
    const uint64_t digit = scaled / b;
    const uint64_t drawn = bits.take(8);
    if (drawn != digit) return drawn < digit;
    a = scaled - digit * b;
  }
}

bool bernoulli_exp(uint64_t a, uint64_t b, RandomBits& bits) {
  for (; a > b; a -= b) {
    if (!bernoulli_exp(1, 1, bits)) return false;
  }
  // exp(-g) of g = a/b <= 1: the number of successes in a row, of probabilities g, g/2, g/3, ...,
  // is even with that probability.
  uint64_t k = 1;
  while (bernoulli(1, k, bits) && bernoulli(a, b, bits)) ++k;
  return k % 2 == 1;
}

int64_t discrete_gaussian(uint32_t deviation, RandomBits& bits) {
  assert(deviation >= 1 && deviation <= kMaxDeviation);
  const uint64_t s = deviation;
  for (;;) {
    // y of the discrete Laplace distribution with scale s: exp(-|y|/s).
    const uint64_t low = bits.below(deviation);
    if (!bernoulli_exp(low, s, bits)) continue;
    uint64_t steps = 0;
    while (steps < kMostSteps && bernoulli_exp(1, 1, bits)) ++steps;
    const uint64_t size = low + s * steps;
    const bool negative = bits.take(1) == 1;
    if (negative && size == 0) continue;
    const uint64_t away = size > s ? size - s : s - size;
    if (!bernoulli_exp(away * away, 2 * s * s, bits)) continue;
    return negative ? -static_cast<int64_t>(size) : static_cast<int64_t>(size);
  }
}

}  // namespace rec
