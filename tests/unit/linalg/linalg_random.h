// Seeded values for linalg's tests: the same on every machine; and a way to run
// a test with every instruction set that was compiled and that this CPU has.
#pragma once

#include <hwy/highway.h>

#include <bit>
#include <cstdint>
#include <random>
#include <vector>

#include "linalg/matrix.h"

namespace rec::test {

// Uniform in [-1, 1), 24 bits.
inline float uniform(std::mt19937& rng) {
  return static_cast<float>(static_cast<int32_t>(rng() >> 7) - (1 << 24)) * 0x1p-24f;
}

inline size_t below(std::mt19937& rng, size_t n) { return static_cast<size_t>((uint64_t{rng()} * n) >> 32); }

inline AlignedBuffer<float> uniform_floats(std::mt19937& rng, size_t n) {
  AlignedBuffer<float> values(n);
  for (float& value : values) value = uniform(rng);
  return values;
}

inline Matrix uniform_matrix(std::mt19937& rng, size_t rows, size_t cols) {
  Matrix matrix(rows, cols);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < cols; ++c) matrix(r, c) = uniform(rng);
  }
  return matrix;
}

// The number of positions at which the bits differ (-0 is not 0).
inline size_t bit_differences(const float* a, const float* b, size_t n) {
  size_t count = 0;
  for (size_t i = 0; i < n; ++i) count += std::bit_cast<uint32_t>(a[i]) != std::bit_cast<uint32_t>(b[i]);
  return count;
}

// With -march=native one target is compiled, with REC_MARCH= (empty) several.
template <class Body>
void on_every_target(Body body) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace rec::test
