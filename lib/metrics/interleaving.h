// Two rankers compared by the clicks on lists interleaved of both (team draft:
// Radlinski, Kurup and Joachims 2008). A user whose clicks are on more items that
// A picked than B did is a win of A. Thread rule: plain data, pure functions.
#pragma once

#include <cstdint>
#include <span>

#include "metrics/ratio.h"

namespace rec {

// A user's clicked items by the team that picked them.
struct TeamClicks {
  uint32_t a = 0;
  uint32_t b = 0;
};

struct InterleavingResult {
  uint64_t wins_a = 0;
  uint64_t wins_b = 0;
  uint64_t ties = 0;  // as many clicks on both, at least one
  // (wins_a + ties/2) / (wins_a + wins_b + ties) - 1/2, in [-1/2, 1/2]; above 0 A is
  // preferred (Chapelle et al. 2012, "Large-Scale Validation and Analysis of
  // Interleaved Search Evaluation"). NaN without clicks. With its t interval.
  double delta;
  Interval interval;
  double p;  // of no preference: the sign test, which leaves ties out
};

// Users without clicks on either team do not count. With resamples the interval
// holds their percentiles, over users.
InterleavingResult compare_teams(std::span<const TeamClicks> users, const BootstrapOptions& options, int threads);

}  // namespace rec
