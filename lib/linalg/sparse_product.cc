#include "linalg/sparse_product.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/parallel_for.h"
#include "linalg/dot.h"

namespace rec {
namespace {

constexpr size_t kRowsPerTask = 64;
constexpr uint64_t kPrefetchAhead = 4;

// Elements [from, n) of row `column` of XᵀX, as gram_row; others of out are left alone.
void gram_row_from(const SparseView& rows, const SparseView& columns, size_t column, size_t from, float* out) {
  std::fill(out + from, out + columns.rows(), 0.0f);
  const auto first_column = static_cast<uint32_t>(from);
  for (uint64_t at = columns.begin[column]; at < columns.begin[column + 1]; ++at) {
    const std::span<const uint32_t> row = rows.row(columns.index[at]);
    const std::span<const float> weight = rows.row_weight(columns.index[at]);
    const float left = weight_at(columns.weight, at);
    for (auto k = static_cast<size_t>(std::lower_bound(row.begin(), row.end(), first_column) - row.begin());
         k < row.size(); ++k) {
      out[row[k]] = std::fma(left, weight_at(weight, k), out[row[k]]);
    }
  }
}

}  // namespace

void sparse_times_dense(const SparseView& X, ConstMatrixView dense, MatrixView out, int threads) {
  const size_t F = dense.cols;
  parallel_for((X.rows() + kRowsPerTask - 1) / kRowsPerTask, threads, [&](size_t task, int) {
    const size_t last = std::min(X.rows(), (task + 1) * kRowsPerTask);
    for (size_t row = task * kRowsPerTask; row < last; ++row) {
      float* sum = out.row(row);
      std::fill_n(sum, F, 0.0f);
      const uint64_t end = X.begin[row + 1];
      for (uint64_t at = X.begin[row]; at < end; ++at) {
        if (at + kPrefetchAhead < end) {
          const float* next = dense.row(X.index[at + kPrefetchAhead]);
          for (size_t f = 0; f < F; f += kLanes16) __builtin_prefetch(next + f);
        }
        axpy(weight_at(X.weight, at), dense.row(X.index[at]), F, sum);
      }
    }
  });
}

void gram_row(const SparseView& rows, const SparseView& columns, size_t column, float* out) {
  std::fill_n(out, columns.rows(), 0.0f);
  add_rows(rows, columns.row(column), columns.row_weight(column), out);
}

void sparse_gram(const SparseView& rows, const SparseView& columns, SymmetricTiles& out, int threads) {
  constexpr size_t kTile = SymmetricTiles::kTile;
  constexpr size_t kRows = 16;  // of a task
  static_assert(kTile % kRows == 0, "the rows of a task are in one row of tiles");
  const size_t padded = out.tiles() * kTile;
  std::vector<AlignedBuffer<float>> buffers(static_cast<size_t>(threads));
  parallel_for((out.size() + kRows - 1) / kRows, threads, [&](size_t task, int worker) {
    const size_t I = task * kRows / kTile;
    AlignedBuffer<float>& buffer = buffers[static_cast<size_t>(worker)];
    buffer.resize(padded, 0.0f);  // the padding stays zero
    for (size_t row = task * kRows; row < std::min(out.size(), (task + 1) * kRows); ++row) {
      gram_row_from(rows, columns, row, I * kTile, buffer.data());
      for (size_t c = I * kTile; c < padded; c += kLanes16) {
        std::copy_n(buffer.data() + c, kLanes16,
                    out.tile(I, c / kTile) + SymmetricTiles::offset(row % kTile, c % kTile));
      }
    }
  });
}

}  // namespace rec
