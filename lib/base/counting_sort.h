// A stable counting sort by several threads: numbers [0, N) in the order of their keys, which are numbers below K.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "base/parallel_for.h"

namespace rec {

class CountingSort {
 public:
  // Counts the keys. key(at) for at in [0, count) is below `keys`, the same each time, and may be called by several
  // threads. Holds 4 bytes for each key and thread, and at most one for each of `count`. Throws Error where a key is
  // there 2^32 times.
  template <class Key>
  CountingSort(size_t count, size_t keys, int threads, const Key& key)
      : count_(count), keys_(keys), threads_(threads), begin_(keys + 1, 0) {
    const size_t worth = count / (4 * std::max<size_t>(1, keys));
    shares_ = std::clamp<size_t>(worth, 1, static_cast<size_t>(std::max(1, threads)));
    before_.resize(shares_ * keys);
    std::vector<uint8_t> sorted(shares_);
    each_share([&](size_t share, size_t first, size_t last, uint32_t* its) {
      bool ascending = true;
      size_t previous = first > 0 ? key(first - 1) : 0;
      for (size_t at = first; at < last; ++at) {
        const size_t k = key(at);
        ++its[k];
        ascending = ascending && previous <= k;
        previous = k;
      }
      sorted[share] = ascending;
    });
    is_sorted_ = std::find(sorted.begin(), sorted.end(), 0) == sorted.end();
    for (size_t k = 0; k < keys; ++k) {
      uint64_t sum = 0;
      for (size_t share = 0; share < shares_; ++share) {
        uint32_t& its = before_[share * keys + k];
        const uint32_t more = its;
        its = static_cast<uint32_t>(sum);
        sum += more;
      }
      if (sum > UINT32_MAX) fail("more than {} rows of one id", UINT32_MAX);
      begin_[k + 1] = begin_[k] + sum;
    }
  }

  // K + 1: the numbers with key k go to the places [begin[k], begin[k + 1]).
  const std::vector<uint64_t>& begin() const { return begin_; }
  // Whether the keys ascend already, so that each number's place is itself.
  bool is_sorted() const { return is_sorted_; }

  // Calls put(at, place) once for each number, by all threads; those with one key go to ascending places.
  template <class Key, class Put>
  void place(const Key& key, const Put& put) {
    place_shares(key, [&](size_t) { return put; });
  }
  // The same with a `put` of its own, put_from(at), for each run of numbers that a thread goes through from `at` on.
  template <class Key, class PutFrom>
  void place_shares(const Key& key, const PutFrom& put_from) {
    each_share([&](size_t, size_t first, size_t last, uint32_t* its) {
      auto put = put_from(first);
      if (is_sorted_) {
        for (size_t at = first; at < last; ++at) put(at, at);
        return;
      }
      for (size_t at = first; at < last; ++at) {
        const size_t k = key(at);
        put(at, static_cast<size_t>(begin_[k] + its[k]++));
      }
    });
    if (is_sorted_) return;
    // Each share has counted up to where the next one began.
    const auto rest = static_cast<std::ptrdiff_t>((shares_ - 1) * keys_);
    std::move_backward(before_.begin(), before_.begin() + rest, before_.end());
    std::fill_n(before_.begin(), keys_, 0u);
  }

 private:
  template <class Body>
  void each_share(const Body& body) {
    parallel_for(shares_, threads_, [&](size_t share, int) {
      body(share, count_ * share / shares_, count_ * (share + 1) / shares_, before_.data() + share * keys_);
    });
  }

  size_t count_;
  size_t keys_;
  int threads_;
  size_t shares_ = 1;
  std::vector<uint64_t> begin_;
  std::vector<uint32_t> before_;  // shares × K: how many of the key there are in the shares before
  bool is_sorted_ = true;
};

}  // namespace rec
