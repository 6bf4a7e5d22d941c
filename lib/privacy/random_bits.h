// Random bits for noise that nobody can subtract: from getrandom(2). A seed makes them
// the same in each run; that is for tests, and what is made so is not private.
// Thread rule: each thread its own object.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/rng.h"

namespace rec {

class RandomBits {
 public:
  // stream: with a seed, each is a sequence of its own; else not used.
  explicit RandomBits(std::optional<uint64_t> seed = {}, uint64_t stream = 0);

  // With a seed: begins that stream. Without: goes on, since bits that are drawn from the system are best used up.
  void begin(std::optional<uint64_t> seed, uint64_t stream);

  // That many uniform bits, 1 to 32. Throws Error where the system has none to give.
  uint32_t take(int bits) {
    if (left_ < bits) refill();
    const auto taken = static_cast<uint32_t>(pool_ & ((uint64_t{1} << bits) - 1));
    pool_ >>= bits;
    left_ -= bits;
    return taken;
  }

 private:
  void refill();

  std::optional<Rng> seeded_;
  std::array<uint64_t, 512> words_;
  size_t next_ = 0;  // word of words_; at the end they are drawn anew
  uint64_t pool_ = 0;
  int left_ = 0;  // bits of pool_
};

}  // namespace rec
