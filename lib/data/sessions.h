// Sessions: the rows of a user that follow one another closely in time. Immutable and
// thread-safe once found. Symbols: N rows, S sessions.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "data/interactions.h"

namespace rec {

struct Sessions {
  std::vector<uint64_t> of;     // N: from 0, users in order of their numbers, each one's in time order
  std::vector<Time> last;       // S: the time of its last row
  std::vector<uint64_t> place;  // S: which of its user's sessions it is, from 1

  size_t size() const { return last.size(); }
};

// A row that comes more than `gap` after the row before it, of the same user, opens a
// session; gap 0: rows of equal time, baskets. The order of rows of equal time does not
// matter. REQUIRES: timestamps; gap in their unit, at least 0.
Sessions find_sessions(const Interactions& data, double gap);

}  // namespace rec
