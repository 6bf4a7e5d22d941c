// Products of a sparse matrix X, m × n, with dense ones and with itself. Every
// element is one chain of fused multiply-adds from 0 in ascending order of what is
// summed over: the same bits for every number of threads.
#pragma once

#include "linalg/matrix.h"
#include "linalg/sparse.h"
#include "linalg/symmetric_tiles.h"

namespace rec {

// out (m × F) = X·dense. REQUIRES: indices of X < dense.rows; out.cols ==
// dense.cols; no overlap.
void sparse_times_dense(const SparseView& X, ConstMatrixView dense, MatrixView out, int threads);

// Row `column` of XᵀX into out[0..n): G_ij = Σ_r x_ri·x_rj, r ascending. `rows` is X,
// `columns` its transpose. Thread-safe.
void gram_row(const SparseView& rows, const SparseView& columns, size_t column, float* out);

// XᵀX, all of it. REQUIRES: out.size() == columns.rows().
void sparse_gram(const SparseView& rows, const SparseView& columns, SymmetricTiles& out, int threads);

}  // namespace rec
