// The k best of a stream of scores, exactly. One TopK a thread; reuse it, it
// keeps its memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "linalg/matrix.h"

namespace rec {

struct Scored {
  uint32_t index = 0;
  float score = 0.0f;
  friend bool operator==(const Scored&, const Scored&) = default;
};

// Order: higher score first; equal scores by lower index. -0 counts as, and is
// returned as, +0. A score of -infinity is no candidate and never returned.
// The result depends on the set of (score, index) pushed, not on block sizes or
// order. REQUIRES: no NaN; an index is pushed at most once between resets.
class TopK {
 public:
  TopK() : TopK(0) {}
  explicit TopK(size_t k) { reset(k); }

  // Forgets everything pushed.
  void reset() { reset(k_); }
  void reset(size_t k);
  size_t k() const { return k_; }

  // No score below this can still be among the k best: -infinity at first, then
  // rising. A caller may skip blocks whose upper bound is lower.
  float threshold() const { return threshold_; }

  // Position j of the block has score scores[j] and index first_index + j, or,
  // with a map, index_of_position[first_index + j].
  void push_block(const float* scores, size_t n, uint32_t first_index, const uint32_t* index_of_position = nullptr);
  void push(float score, uint32_t index) { push_block(&score, 1, index); }

  // out: the min(k, candidates) best, sorted. Leaves the state as after reset().
  void finish(std::vector<Scored>& out);

 private:
  void prune();
  void bound_from_groups(const float* scores, size_t n);

  size_t k_ = 0;
  float threshold_ = 0.0f;
  uint64_t kth_key_ = 0;  // a key must exceed it to enter; 0 before the first prune
  size_t size_ = 0;       // keys held
  AlignedBuffer<uint64_t> keys_;
  AlignedBuffer<float> maxima_;
};

}  // namespace rec
