// Filters for what a log holds beside choices: an act that was logged twice, bursts of a program, days of a robot.
// Each works on the parts of N rows and touches none that are kRemoved already. Thread rule: functions without state.
#pragma once

#include <cstdint>

#include "data/interactions.h"
#include "data/split.h"

namespace rec {

// `order` is by_time(data) in each of these; REQUIRES: timestamps. Lengths of time are in their unit.

// Removes each row that comes at most `window` after a row of the same user and item that stays. Of equal times the
// first in the input stays. Returns how many rows it removes.
size_t remove_repeats_within(const Interactions& data, const Sequences& order, double window, Parts& parts);

// Removes the rows of bursts: a user's rows of less than `minute` from the first to the last, if there are more than
// `most` of them. All such rows go, not those beyond `most` alone.
struct BurstsRemoved {
  size_t rows = 0;
  size_t users = 0;      // with a burst
  size_t most_rows = 0;  // of one user within a minute, burst or not
};
BurstsRemoved remove_bursts(const Interactions& data, const Sequences& order, uint64_t most, double minute,
                            Parts& parts);

// Of each user keeps the first `most` rows of each day; a day is from a multiple of `day` to the next (UTC).
struct DaysRemoved {
  size_t rows = 0;
  size_t users = 0;
  size_t most_rows = 0;  // of one user on one day, before
};
DaysRemoved remove_beyond_day(const Interactions& data, const Sequences& order, uint64_t most, double day,
                              Parts& parts);

}  // namespace rec
