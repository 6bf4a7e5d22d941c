// std::sort by several threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/parallel_for.h"

namespace rec {

// Sorts by `less`; what comes of equal values may depend on `threads`. Holds the values twice meanwhile.
// A sample of the values says where parts end, each thread hands its share of the values out to the parts, and each
// part is sorted alone (Frazer and McKellar 1970, "Samplesort").
template <class T, class Less>
void parallel_sort(std::vector<T>& values, int threads, const Less& less) {
  constexpr size_t kFew = size_t{1} << 13;  // what threads are not worth
  constexpr size_t kSamples = 16;           // of each part
  const size_t count = values.size();
  if (threads <= 1 || count < kFew) {
    std::sort(values.begin(), values.end(), less);
    return;
  }
  const size_t shares = static_cast<size_t>(threads);
  const size_t parts = std::min<size_t>(4 * shares, 256);
  std::vector<T> sample;
  for (size_t at = 0; at < parts * kSamples; ++at) sample.push_back(values[count * at / (parts * kSamples)]);
  std::sort(sample.begin(), sample.end(), less);
  std::vector<T> first;  // value of each part but the first one
  for (size_t part = 1; part < parts; ++part) first.push_back(sample[part * kSamples]);

  const auto share_begin = [&](size_t share) { return count * share / shares; };
  std::vector<uint8_t> part_of(count);
  std::vector<std::vector<size_t>> next(shares, std::vector<size_t>(parts, 0));
  parallel_for(shares, threads, [&](size_t share, int) {
    for (size_t at = share_begin(share); at < share_begin(share + 1); ++at) {
      const auto part = std::upper_bound(first.begin(), first.end(), values[at], less) - first.begin();
      part_of[at] = static_cast<uint8_t>(part);
      ++next[share][static_cast<size_t>(part)];
    }
  });
  std::vector<size_t> begin(parts + 1, 0);
  size_t place = 0;
  for (size_t part = 0; part < parts; ++part) {
    begin[part] = place;
    for (size_t share = 0; share < shares; ++share) place += std::exchange(next[share][part], place);
  }
  begin[parts] = place;
  std::vector<T> to(count);
  parallel_for(shares, threads, [&](size_t share, int) {
    for (size_t at = share_begin(share); at < share_begin(share + 1); ++at)
      to[next[share][part_of[at]]++] = std::move(values[at]);
  });
  parallel_for(parts, threads, [&](size_t part, int) {
    std::sort(to.begin() + static_cast<std::ptrdiff_t>(begin[part]),
              to.begin() + static_cast<std::ptrdiff_t>(begin[part + 1]), less);
  });
  values.swap(to);
}

}  // namespace rec
