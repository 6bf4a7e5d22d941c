// The discrete Gaussian: integers y with probability proportional to exp(-y²/2σ²), as Canonne, Kamath and Steinke 2020
// (arXiv:2004.00010) add it to integer sums. Noise in floating point leaks through its rounding; this has none.
//
// Drawn by rejection: a point (y, V) uniform under a staircase above the curve H exp(-y²/2σ²), y by its sign and size;
// y is taken if V is below the curve. Most steps of the staircase lie below it whatever y is. For the others V gets
// more random digits and is compared with bounds of the curve; between the bounds, in one of 2^30 cases, both are
// computed to 256 bits behind the point. So no rounding decides. What is left out are |y| above 13.5σ, with a
// probability of less than 2^-130, and what 256 bits do not decide. Thread rule: immutable; each thread its own
// RandomBits.
#pragma once

#include <array>
#include <cstdint>

#include "privacy/random_bits.h"

namespace rec {

inline constexpr uint32_t kMaxDeviation = (uint32_t{1} << 23) - 1;

class DiscreteGaussian {
 public:
  // deviation: σ. REQUIRES: 1 <= deviation <= kMaxDeviation.
  explicit DiscreteGaussian(uint32_t deviation);

  int64_t draw(RandomBits& bits) const {
    for (;;) {
      const uint32_t drawn = bits.take(kSlotBits + 1 + shift_);
      const uint32_t slot = drawn & (kSlots - 1);
      const uint32_t block = slots_[slot] & kBlock;
      const bool is_negative = ((drawn >> kSlotBits) & 1) != 0;
      const int64_t size = (int64_t{block} << shift_) | (drawn >> (kSlotBits + 1));
      if ((slots_[slot] & kSure) == 0 && !is_below(static_cast<uint64_t>(size), slot - first_[block], bits)) continue;
      if (is_negative && size == 0) continue;
      return is_negative ? -size : size;
    }
  }

  // H of the staircase.
  uint32_t height() const { return height_; }

 private:
  static constexpr int kSlotBits = 12;
  static constexpr uint32_t kSlots = 1u << kSlotBits;  // unit steps of the staircase, 2^shift_ sizes wide
  static constexpr size_t kBlocks = 217;               // of 2^shift_ sizes
  static constexpr uint16_t kSure = 0x8000;            // the step is below the curve
  static constexpr uint16_t kBlock = 0x7fff;

  // Whether V, of which these are the whole steps, is below the curve at this size.
  bool is_below(uint64_t size, uint32_t steps, RandomBits& bits) const;

  uint64_t twice_variance_;  // 2σ²
  int shift_;
  uint32_t height_ = 0;
  std::array<uint16_t, kSlots> slots_;
  std::array<uint16_t, kBlocks> first_{};  // the block's first slot
};

// Whether steps + fraction 2^-32 + r, r uniform in [0, 2^-32), is below height exp(-size²/twice_variance), to 256 bits
// behind the point. REQUIRES: size² < 95 twice_variance < 2^55; height <= 2^12.
bool is_exactly_below(uint32_t steps, uint32_t fraction, uint32_t height, uint64_t size, uint64_t twice_variance,
                      RandomBits& bits);

}  // namespace rec
