#include "linalg/top_k.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace rec {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Keys order as the result does: better is larger. The upper half orders as the
// float does, the lower is the index, complemented.
uint64_t key_of(float score, uint32_t index) {
  const uint32_t bits = std::bit_cast<uint32_t>(score + 0.0f);  // -0 becomes +0
  const uint32_t ordered = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return uint64_t{ordered} << 32 | static_cast<uint32_t>(~index);
}

float score_of(uint64_t key) {
  const uint32_t ordered = static_cast<uint32_t>(key >> 32);
  return std::bit_cast<float>(ordered & 0x80000000u ? ordered & 0x7fffffffu : ~ordered);
}

}  // namespace

void TopK::reset(size_t k) {
  k_ = k;
  threshold_ = k == 0 ? kInfinity : -kInfinity;
  strict_ = false;
  next_index_ = 0;
  size_ = 0;
  keys_.resize(4 * k + 64);
}

void TopK::prune() {
  std::nth_element(keys_.begin(), keys_.begin() + static_cast<ptrdiff_t>(k_ - 1),
                   keys_.begin() + static_cast<ptrdiff_t>(size_), std::greater<>());
  size_ = k_;
  threshold_ = std::max(threshold_, score_of(keys_[k_ - 1]));
}

void TopK::push_block(const float* scores, size_t n, uint32_t first_index, const uint32_t* index_of_position) {
  for (size_t j = 0; j < n; ++j) {
    if (scores[j] < threshold_ || scores[j] == -kInfinity || k_ == 0) continue;
    const uint32_t position = first_index + static_cast<uint32_t>(j);
    keys_[size_++] = key_of(scores[j], index_of_position ? index_of_position[position] : position);
    if (size_ == keys_.size()) prune();
  }
}

void TopK::finish(std::vector<Scored>& out) {
  if (size_ > k_) prune();
  std::sort(keys_.begin(), keys_.begin() + static_cast<ptrdiff_t>(size_), std::greater<>());
  out.resize(size_);
  for (size_t i = 0; i < size_; ++i) out[i] = {~static_cast<uint32_t>(keys_[i]), score_of(keys_[i])};
  reset();
}

}  // namespace rec
