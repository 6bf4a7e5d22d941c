#include "privacy/discrete_gaussian.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace rec {
namespace {

// What the exponential of the library of mathematics and the roundings before it may be off by, and far more.
constexpr double kDoubt = 0x1p-40;
constexpr double kMostDeviations = 13.5;

// Numbers from 0 to below 2^256 in steps of 2^-512, the lowest 64 bits first.
constexpr size_t kFractionWords = 8;
constexpr size_t kWords = kFractionWords + 4;
using Fixed = std::array<uint64_t, kWords>;
__extension__ using Wide = unsigned __int128;  // GCC and Clang have it, ISO C++ does not

void add(Fixed& to, const Fixed& other) {
  uint64_t carry = 0;
  for (size_t at = 0; at < kWords; ++at) {
    const Wide sum = Wide{to[at]} + other[at] + carry;
    to[at] = static_cast<uint64_t>(sum);
    carry = static_cast<uint64_t>(sum >> 64);
  }
}

// REQUIRES: other is not larger.
void subtract(Fixed& from, const Fixed& other) {
  uint64_t borrow = 0;
  for (size_t at = 0; at < kWords; ++at) {
    const Wide difference = Wide{from[at]} - other[at] - borrow;
    from[at] = static_cast<uint64_t>(difference);
    borrow = (difference >> 64) != 0 ? 1 : 0;
  }
}

// value × by / divisor, rounded down.
void scale(Fixed& value, uint64_t by, uint64_t divisor) {
  uint64_t carry = 0;
  for (uint64_t& word : value) {
    const Wide product = Wide{word} * by + carry;
    word = static_cast<uint64_t>(product);
    carry = static_cast<uint64_t>(product >> 64);
  }
  assert(carry == 0);
  uint64_t rest = 0;
  for (size_t at = kWords; at-- > 0;) {
    const Wide part = Wide{rest} << 64 | value[at];
    value[at] = static_cast<uint64_t>(part / divisor);
    rest = static_cast<uint64_t>(part % divisor);
  }
}

bool is_less(const Fixed& a, const Fixed& b) {
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

}  // namespace

bool is_exactly_below(uint32_t steps, uint32_t fraction, uint32_t height, uint64_t size, uint64_t twice_variance,
                      RandomBits& bits) {
  // height exp(-q) = Σ height (-q)^n / n!. A term that is rounded down takes less than a step from it, and from the
  // later ones together less than e^q < 2^138 steps; there are fewer than 2^11. So the sum is off by less than 2^149
  // steps.
  Fixed term{};
  term[kFractionWords] = height;
  const Fixed zero{};
  Fixed curve = term, taken{};
  for (uint64_t n = 1; term != zero; ++n) {
    scale(term, size * size, twice_variance * n);
    add(n % 2 == 0 ? curve : taken, term);
  }
  Fixed doubt{};
  doubt[3] = 1;  // 2^192 steps
  add(curve, doubt);
  subtract(curve, taken);  // between the curve and this are no more than twice the doubt
  Fixed value{};
  value[kFractionWords] = steps;
  value[kFractionWords - 1] = uint64_t{fraction} << 32 | bits.take(32);
  for (size_t word = kFractionWords - 1; word-- > kFractionWords / 2;)
    value[word] = uint64_t{bits.take(32)} << 32 | bits.take(32);
  return is_less(value, curve);
}

DiscreteGaussian::DiscreteGaussian(uint32_t deviation)
    : twice_variance_(2 * uint64_t{deviation} * deviation),
      shift_(std::max(static_cast<int>(std::bit_width(deviation)) - 4, 0)) {
  assert(deviation >= 1 && deviation <= kMaxDeviation);
  const auto curve = [&](size_t size) {
    const auto x = static_cast<double>(size);
    return std::exp(-x * x / static_cast<double>(twice_variance_));
  };
  const size_t width = size_t{1} << shift_;
  const size_t blocks = static_cast<size_t>(kMostDeviations * deviation) / width + 1;
  assert(blocks <= kBlocks);
  std::array<double, kBlocks> highest{};
  for (size_t block = 0; block < blocks; ++block) highest[block] = curve(block * width);
  // Above the curve in the whole block.
  const auto slots_of = [&](size_t block, uint32_t height) {
    return static_cast<uint32_t>(height * highest[block] * (1.0 + kDoubt)) + 1;
  };
  const auto fits = [&](uint32_t height) {
    uint32_t sum = 0;
    for (size_t block = 0; block < blocks; ++block) sum += slots_of(block, height);
    return sum <= kSlots;
  };
  for (uint32_t step = kSlots / 2; step > 0; step /= 2) {
    if (fits(height_ + step)) height_ += step;
  }
  uint32_t slot = 0;
  for (size_t block = blocks; block-- > 0;) {
    first_[block] = static_cast<uint16_t>(slot);
    // What is left over is in the last block, 0, above its curve.
    const uint32_t end = block > 0 ? slot + slots_of(block, height_) : kSlots;
    const uint32_t sure = slot + static_cast<uint32_t>(height_ * curve((block + 1) * width - 1) * (1.0 - kDoubt));
    for (; slot < end; ++slot) slots_[slot] = static_cast<uint16_t>(block | (slot < sure ? kSure : 0));
  }
}

bool DiscreteGaussian::is_below(uint64_t size, uint32_t steps, RandomBits& bits) const {
  const uint32_t fraction = bits.take(32);
  const double value = steps + fraction * 0x1p-32;
  const auto x = static_cast<double>(size);
  const double curve = height_ * std::exp(-x * x / static_cast<double>(twice_variance_));
  if (value + 0x1p-32 <= curve * (1.0 - kDoubt)) return true;
  if (value >= curve * (1.0 + kDoubt)) return false;
  return is_exactly_below(steps, fraction, height_, size, twice_variance_, bits);
}

}  // namespace rec
