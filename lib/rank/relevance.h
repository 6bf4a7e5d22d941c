// Keys of one user's candidates made comparable between users. Stateless.
#pragma once

#include <span>
#include <vector>

#include "rank/rank.h"

namespace rec {

// out[i] = (key_i - min) / (max - min) over the candidates, in [0, 1]; 1 for all where
// all keys are equal. candidates: best first.
inline void scale_relevance(std::span<const Candidate> candidates, std::vector<double>& out) {
  out.assign(candidates.size(), 1.0);
  if (candidates.empty() || candidates.front().score == candidates.back().score) return;
  const double least = candidates.back().score;
  // Halves, so that the distance of two huge keys is finite.
  const double range = candidates.front().score / 2 - least / 2;
  for (size_t at = 0; at < out.size(); ++at) out[at] = (candidates[at].score / 2 - least / 2) / range;
}

}  // namespace rec
