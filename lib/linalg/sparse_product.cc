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
        axpy(X.weight.empty() ? 1.0f : X.weight[at], dense.row(X.index[at]), F, sum);
      }
    }
  });
}

void gram_row(const SparseView& rows, const SparseView& columns, size_t column, size_t from, float* out, size_t n) {
  std::fill(out + from, out + n, 0.0f);
  const auto first_column = static_cast<uint32_t>(from);
  for (uint64_t at = columns.begin[column]; at < columns.begin[column + 1]; ++at) {
    const uint32_t row = columns.index[at];
    const uint32_t* index = rows.index.data();
    const uint64_t end = rows.begin[row + 1];
    uint64_t other = rows.begin[row];
    if (from > 0) other = static_cast<uint64_t>(std::lower_bound(index + other, index + end, first_column) - index);
    if (rows.weight.empty()) {
      for (; other < end; ++other) out[index[other]] += 1.0f;
    } else {
      const float left = columns.weight[at];
      for (; other < end; ++other) out[index[other]] = std::fma(left, rows.weight[other], out[index[other]]);
    }
  }
}

void sparse_gram(const SparseView& rows, const SparseView& columns, SymmetricTiles& out, int threads) {
  constexpr size_t kTile = SymmetricTiles::kTile;
  const size_t padded = out.tiles() * kTile;
  std::vector<AlignedBuffer<float>> buffers(static_cast<size_t>(threads));
  parallel_for(out.tiles(), threads, [&](size_t I, int worker) {
    AlignedBuffer<float>& buffer = buffers[static_cast<size_t>(worker)];
    buffer.resize(padded, 0.0f);  // the padding stays zero
    for (size_t row = I * kTile; row < std::min(out.size(), (I + 1) * kTile); ++row) {
      gram_row(rows, columns, row, I * kTile, buffer.data(), out.size());
      for (size_t c = I * kTile; c < padded; c += kLanes16) {
        std::copy_n(buffer.data() + c, kLanes16, out.tile(I, c / kTile) + SymmetricTiles::offset(row % kTile, c % kTile));
      }
    }
  });
}

}  // namespace rec
