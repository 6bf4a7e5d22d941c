// A dense matrix in panels of 64 columns, for products with sparse matrices whose rows pick from all over it: R rows,
// C columns. A panel of all rows lies together, so that it stays in the caches while it is read many times; a row of a
// wide matrix would come from memory each time. Values without shared state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "linalg/matrix.h"
#include "linalg/sparse.h"

namespace rec {

class PanelMatrix {
 public:
  static constexpr size_t kColumns = 64;  // of a panel

  PanelMatrix() = default;
  bool operator==(const PanelMatrix&) const = default;
  // All elements become zero.
  void resize(size_t rows, size_t cols);
  // Bytes of R × C.
  static uint64_t memory(size_t rows, size_t cols) { return panels(cols) * kColumns * rows * sizeof(float); }

  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  size_t panels() const { return panels(cols_); }
  // The rows of a panel one after another, kColumns each.
  const float* panel(size_t number) const { return data_.data() + number * rows_ * kColumns; }
  float* panel(size_t number) { return data_.data() + number * rows_ * kColumns; }

  // Row `row`, C values; set rounds them.
  void get(size_t row, double* to) const;
  void set(size_t row, const double* from);

 private:
  static size_t panels(size_t cols) { return (cols + kColumns - 1) / kColumns; }

  size_t rows_ = 0;
  size_t cols_ = 0;
  AlignedBuffer<float> data_;
};

// The rows `order` of out = X·dense, where out may have fewer columns, the first; its other rows are left alone. Each
// element is one chain of fused multiply-adds in double from 0, in the order of X's row, rounded at its end: the same
// bits for every number of threads and every width of vectors. Put the long rows first. REQUIRES: indices of X <
// dense.rows(); out has X.rows() rows; no overlap.
void sparse_times_panels(const SparseView& X, std::span<const uint32_t> order, const PanelMatrix& dense,
                         PanelMatrix& out, int threads);

}  // namespace rec
