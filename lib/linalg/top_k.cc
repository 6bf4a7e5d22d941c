#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/top_k.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <hwy/contrib/sort/vqsort.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "linalg/tile-inl.h"
#include "linalg/top_k.h"

#ifndef REC_LINALG_TOP_K_SHARED_
#define REC_LINALG_TOP_K_SHARED_
namespace rec {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr size_t kWord = 64;  // scores compared into one word of bits

// Keys order as the result does: better is larger. The upper half orders as the
// float does, the lower is the index, complemented. All keys are distinct.
inline uint64_t key_of(float score, uint32_t index) {
  const uint32_t bits = std::bit_cast<uint32_t>(score + 0.0f);  // -0 becomes +0
  const uint32_t flip = static_cast<uint32_t>(static_cast<int32_t>(bits) >> 31) | 0x80000000u;
  return uint64_t{bits ^ flip} << 32 | static_cast<uint32_t>(~index);
}

inline float score_of(uint64_t key) {
  const uint32_t ordered = static_cast<uint32_t>(key >> 32);
  return std::bit_cast<float>(ordered & 0x80000000u ? ordered & 0x7fffffffu : ~ordered);
}

}  // namespace
}  // namespace rec
#endif

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

// Appends to `keys` what may be among the k best of `scores`, from position
// `from` on, until the end or until more than `room` keys have come. Returns the
// position reached and adds to `size`. A key enters if it is above `kth_key` and
// its score is not below `bound`.
size_t append_above(const float* scores, size_t from, size_t n, uint32_t first_index, const uint32_t* map, float bound,
                    uint64_t kth_key, size_t room, uint64_t* keys, size_t& size) {
  uint64_t* to = keys + size;
  uint64_t* const full = to + room;
  size_t i = from;
  for (; i < n && to <= full; i += kWord) {
    const size_t m = HWY_MIN(kWord, n - i);
    uint64_t bits = 0;
#if !REC_PLAIN_TARGET
    if (m == kWord) {
      const V least = hn::Set(kD, bound);
      // One byte is the least that StoreMaskBits writes, so four lanes need eight.
      alignas(8) uint8_t bytes[kWord];
      if constexpr (kLanes >= 8) {
#pragma GCC unroll 8
        for (int v = 0; v < static_cast<int>(kWord) / kLanes; ++v) {
          hn::StoreMaskBits(kD, hn::Ge(hn::LoadU(kD, scores + i + static_cast<size_t>(v * kLanes)), least),
                            bytes + v * kLanes / 8);
        }
        std::copy_n(bytes, sizeof(bits), reinterpret_cast<uint8_t*>(&bits));
      } else {
        for (int v = 0; v < static_cast<int>(kWord) / kLanes; ++v) {
          hn::StoreMaskBits(kD, hn::Ge(hn::LoadU(kD, scores + i + static_cast<size_t>(v * kLanes)), least), bytes);
          bits |= uint64_t{bytes[0]} << (v * kLanes);
        }
      }
    } else
#endif
    {
      for (size_t j = 0; j < m; ++j) bits |= uint64_t{scores[i + j] >= bound} << j;
    }
    for (; bits != 0; bits &= bits - 1) {
      const size_t j = i + static_cast<size_t>(std::countr_zero(bits));
      const size_t position = first_index + j;
      const uint64_t key = key_of(scores[j], map ? map[position] : static_cast<uint32_t>(position));
      *to = key;
      to += key > kth_key;
    }
  }
  size = static_cast<size_t>(to - keys);
  return HWY_MIN(i, n);
}

// maxima[g] = max of scores[g], scores[g + groups], ...; groups % 16 == 0.
void group_maxima(const float* scores, size_t n, size_t groups, float* maxima) {
  std::copy_n(scores, groups, maxima);
  for (size_t i = groups; i < n; i += groups) {
    const size_t m = HWY_MIN(groups, n - i);
    size_t g = 0;
#if !REC_PLAIN_TARGET
    for (; g + kLanes <= m; g += kLanes) {
      hn::StoreU(hn::Max(hn::LoadU(kD, maxima + g), hn::LoadU(kD, scores + i + g)), kD, maxima + g);
    }
#endif
    for (; g < m; ++g) maxima[g] = std::max(maxima[g], scores[i + g]);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {
namespace {

HWY_EXPORT(append_above);
HWY_EXPORT(group_maxima);

// Its scratch memory is what makes it one a thread.
const hwy::Sorter& sorter() {
  static thread_local const hwy::Sorter instance;
  return instance;
}

}  // namespace

void TopK::reset(size_t k) {
  k_ = k;
  threshold_ = k == 0 ? kInfinity : -kInfinity;
  kth_key_ = 0;
  size_ = 0;
  const size_t capacity = 4 * k + 256 + kWord;
  if (keys_.size() < capacity) keys_.resize(capacity);
}

// Keeps the k best of the more than k keys held.
void TopK::prune() {
  sorter()(keys_.data(), size_, hwy::SortDescending());
  size_ = k_;
  kth_key_ = keys_[k_ - 1];
  threshold_ = score_of(kth_key_);
}

// Of G groups that hold different scores, the k-th largest maximum is a lower
// bound of the k-th largest score: one pass over the block and a small sort
// instead of taking in every score of the first block.
void TopK::bound_from_groups(const float* scores, size_t n) {
  const size_t groups = pad16(k_ + k_ / 4);
  if (n < 3 * groups) return;
  if (maxima_.size() < groups) maxima_.resize(groups);
  HWY_DYNAMIC_DISPATCH(group_maxima)(scores, n, groups, maxima_.data());
  sorter()(maxima_.data(), groups, hwy::SortDescending());
  threshold_ = maxima_[k_ - 1];
}

void TopK::push_block(const float* scores, size_t n, uint32_t first_index, const uint32_t* index_of_position) {
  if (k_ == 0) return;
  if (threshold_ == -kInfinity && size_ == 0) bound_from_groups(scores, n);
  for (size_t i = 0; i < n;) {
    const float bound = std::max(threshold_, std::numeric_limits<float>::lowest());
    i = HWY_DYNAMIC_DISPATCH(append_above)(scores, i, n, first_index, index_of_position, bound, kth_key_,
                                           4 * k_ + 256 - size_, keys_.data(), size_);
    if (size_ > 2 * k_ + 64 || (i < n && size_ > k_)) prune();
  }
}

void TopK::finish(std::vector<Scored>& out) {
  sorter()(keys_.data(), size_, hwy::SortDescending());
  size_ = std::min(size_, k_);
  out.resize(size_);
  for (size_t i = 0; i < size_; ++i) out[i] = {~static_cast<uint32_t>(keys_[i]), score_of(keys_[i])};
  reset();
}

}  // namespace rec
#endif
