// Interactions at random, for tests of private als.
#pragma once

#include <cstdint>
#include <string>

#include "base/rng.h"
#include "small_data.h"

namespace rec {

// Of each user "u<n>" 1 to 15 rows with items "i<n>"; pairs may come again.
inline RowsBuilder random_rows(int users, int items, uint64_t seed) {
  RowsBuilder rows;
  Rng random(seed);
  for (int user = 0; user < users; ++user) {
    const auto count = 1 + random.below(15);
    for (uint64_t at = 0; at < count; ++at)
      rows.add("u" + std::to_string(user), "i" + std::to_string(random.below(static_cast<uint64_t>(items))));
  }
  return rows;
}

}  // namespace rec
