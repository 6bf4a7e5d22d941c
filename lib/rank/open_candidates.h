// The candidates that a selector may still list, with their numbers in a similarity.
// For one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "rank/rank.h"
#include "rank/similarity.h"

namespace rec {

class OpenCandidates {
 public:
  void start(const ItemSimilarity& similarity, std::span<const Candidate> candidates) {
    open_.resize(candidates.size());
    std::iota(open_.begin(), open_.end(), 0u);
    numbers_.resize(candidates.size());
    for (size_t at = 0; at < candidates.size(); ++at) numbers_[at] = similarity.number(candidates[at].item);
    open_numbers_ = numbers_;
  }
  // Ascending; what stands in place `at` of numbers() belongs to candidate ids()[at].
  std::span<const uint32_t> ids() const { return open_; }
  std::span<const uint32_t> numbers() const { return open_numbers_; }
  uint32_t number(size_t candidate) const { return numbers_[candidate]; }
  // The place of a candidate, which must be open, as it leaves.
  size_t remove(size_t candidate) {
    const auto at = std::lower_bound(open_.begin(), open_.end(), candidate) - open_.begin();
    open_.erase(open_.begin() + at);
    open_numbers_.erase(open_numbers_.begin() + at);
    return static_cast<size_t>(at);
  }

 private:
  std::vector<uint32_t> open_;
  std::vector<uint32_t> open_numbers_;
  std::vector<uint32_t> numbers_;  // of all
};

}  // namespace rec
