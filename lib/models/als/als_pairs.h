// The weights that als gives the pairs of a log, or of one history.
//
// A pair's weight is c = f(v)·d·w: v the sum of the values of its rows, f as
// Confidence says (1 without one), d = 2^(-(now - t)/half_life) for the time t of
// its newest row (1 without --half-life), and w the mean weight of its rows (1 where the
// log has none, and for a history). So an old pair fades from observed, with
// target 1, to unobserved, with target 0. Thread-safe: stateless.
#pragma once

#include <vector>

#include "data/interactions.h"
#include "models/als/als_options.h"
#include "models/common/encoder.h"

namespace rec {

// U × I. weight is empty where all are 1. Throws Error for a negative value under a
// confidence. REQUIRES: values under a confidence, timestamps under a half-life, which is
// resolved (resolve_decay).
Csr als_pairs(const Interactions& data, const AlsOptions& options, int threads = 1);

// The same of a history, as weigh_history() says (models/common/history_weights.h).
struct AlsHistory {
  std::vector<uint32_t> item;
  std::vector<float> weight;
};
AlsHistory als_history(const History& history, const AlsOptions& options);

}  // namespace rec
