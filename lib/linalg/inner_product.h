// Sums of products of float32 in float64, element after element. Thread-safe: no shared state.
#pragma once

#include <cstddef>

namespace rec {

// Σ_f a[f] b[f], f < n.
inline double inner_product(const float* a, const float* b, size_t n) {
  double sum = 0.0;
  for (size_t f = 0; f < n; ++f) sum += static_cast<double>(a[f]) * static_cast<double>(b[f]);
  return sum;
}

}  // namespace rec
