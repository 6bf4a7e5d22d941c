#include "linalg/sparse.h"

#include <cmath>

namespace rec {

void add_rows(const SparseView& S, std::span<const uint32_t> row, std::span<const float> by, float* out) {
  for (size_t k = 0; k < row.size(); ++k) {
    const float factor = weight_at(by, k);
    const uint64_t end = S.begin[row[k] + 1];
    for (uint64_t at = S.begin[row[k]]; at < end; ++at) {
      float& sum = out[S.index[at]];
      sum = std::fma(factor, weight_at(S.weight, at), sum);
    }
  }
}

void clear_rows(const SparseView& S, std::span<const uint32_t> row, float* out) {
  for (const uint32_t r : row) {
    for (const uint32_t column : S.row(r)) out[column] = 0.0f;
  }
}

void add_rows_window(const SparseView& S, std::span<const uint32_t> row, std::span<const float> by, uint64_t* next,
                     size_t first, size_t last, float* out) {
  for (size_t k = 0; k < row.size(); ++k) {
    const float factor = weight_at(by, k);
    const uint64_t end = S.begin[row[k] + 1];
    uint64_t at = next[k];
    for (; at < end && S.index[at] < last; ++at) {
      float& sum = out[S.index[at] - first];
      sum = std::fma(factor, weight_at(S.weight, at), sum);
    }
    next[k] = at;
  }
}

}  // namespace rec
