// Sparse float32 matrices in compressed rows: R rows, C columns, N entries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rec {

// Non-owning; dead when the owner changes. Row r holds index[begin[r] ..
// begin[r+1]), ascending columns, each at most once, with its weight.
struct SparseView {
  std::span<const uint64_t> begin;  // R + 1, or none: no matrix
  std::span<const uint32_t> index;  // N
  std::span<const float> weight;    // N, or none: all 1

  size_t rows() const { return begin.empty() ? 0 : begin.size() - 1; }
  size_t entries() const { return index.size(); }
  std::span<const uint32_t> row(size_t r) const { return index.subspan(begin[r], begin[r + 1] - begin[r]); }
  std::span<const float> row_weight(size_t r) const {
    return weight.empty() ? weight : weight.subspan(begin[r], begin[r + 1] - begin[r]);
  }
};

// The weight of entry `entry` where a matrix without weights has ones.
inline float weight_at(std::span<const float> weight, size_t entry) { return weight.empty() ? 1.0f : weight[entry]; }

// out[c] = fma(by[k], S[row[k]][c], out[c]) for k ascending: out (C floats) += the
// rows, each times its factor (by may be empty: all 1).
void add_rows(const SparseView& S, std::span<const uint32_t> row, std::span<const float> by, float* out);
// out[c] = 0 wherever add_rows with the same rows may have written.
void clear_rows(const SparseView& S, std::span<const uint32_t> row, float* out);

// The same sums for a window of columns, moving through all of them from left to
// right: next[k] is the place of the k-th row's next entry, begin[row[k]] before the first window.
// out[c - first] for c in [first, last).
void add_rows_window(const SparseView& S, std::span<const uint32_t> row, std::span<const float> by, uint64_t* next,
                     size_t first, size_t last, float* out);

}  // namespace rec
