// Sums and maxima in 16 lanes, for float32 and float64 alike: element i goes to lane i mod 16, and lanes are added by
// halves, so that the compiler may use vectors and the bits do not depend on it. Thread-safe: no shared state.
#pragma once

#include <cstddef>

#include "linalg/matrix.h"

namespace rec {

// One value of 16 lanes, by halves.
template <class T, class Join>
T joined_lanes(T* lane, Join join) {
  for (size_t half = kLanes16 / 2; half > 0; half /= 2) {
    for (size_t l = 0; l < half; ++l) lane[l] = join(lane[l], lane[l + half]);
  }
  return lane[0];
}

// Σ a[i]·b[i].
template <class T>
T lane_dot(const T* a, const T* b, size_t n) {
  T lane[kLanes16] = {};
  size_t i = 0;
  for (; i + kLanes16 <= n; i += kLanes16) {
    for (size_t l = 0; l < kLanes16; ++l) lane[l] += a[i + l] * b[i + l];
  }
  for (size_t l = 0; i < n; ++i, ++l) lane[l] += a[i] * b[i];
  return joined_lanes(lane, [](T x, T y) { return x + y; });
}

// Σ a[i].
template <class T>
T lane_sum(const T* a, size_t n) {
  T lane[kLanes16] = {};
  size_t i = 0;
  for (; i + kLanes16 <= n; i += kLanes16) {
    for (size_t l = 0; l < kLanes16; ++l) lane[l] += a[i + l];
  }
  for (size_t l = 0; i < n; ++i, ++l) lane[l] += a[i];
  return joined_lanes(lane, [](T x, T y) { return x + y; });
}

// The greatest of `start` and all a[i]; without NaN.
template <class T>
T lane_max(const T* a, size_t n, T start) {
  const auto greater = [](T x, T y) { return x < y ? y : x; };
  T lane[kLanes16];
  for (T& l : lane) l = start;
  size_t i = 0;
  for (; i + kLanes16 <= n; i += kLanes16) {
    for (size_t l = 0; l < kLanes16; ++l) lane[l] = greater(lane[l], a[i + l]);
  }
  for (size_t l = 0; i < n; ++i, ++l) lane[l] = greater(lane[l], a[i]);
  return joined_lanes(lane, greater);
}

}  // namespace rec
