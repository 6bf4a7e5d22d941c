// The largest singular values of a sparse matrix and their right vectors.
#pragma once

#include <cstdint>
#include <vector>

#include "linalg/matrix.h"
#include "linalg/sparse.h"

namespace rec {

struct SvdOptions {
  size_t rank = 64;          // k, at least 1
  size_t oversampling = 32;  // p: the subspace has k + p dimensions
  int power_iterations = 4;  // q: more bring small gaps between singular values out
  uint64_t seed = 1;
};

struct TruncatedSvd {
  std::vector<float> values;  // k, falling, more than 0
  Matrix right;               // n × k, orthonormal columns: V
};

// X is m × n; `rows` is X, `columns` its transpose. Subspace iteration on XᵀX from
// a random start, re-orthonormalised after every product, then Rayleigh-Ritz
// (Halko, Martinsson, Tropp 2011, algorithms 4.4 and 5.1, arXiv:0909.4061).
// Orthonormal bases are made from the eigenvectors of their Gramian, twice, so
// that rank-deficient X is no special case: values below a thousandth of the largest
// are rounding and left out, so fewer than k may come back. The largest component of each vector is positive. Same bits
// for every number of threads. Products are float32, sums of Gramians and the small eigenproblems double. Memory: 2·(m
// + n)·(k + p) floats. Throws Error where elements of X or XᵀX are beyond float32's range. REQUIRES: X is not zero.
TruncatedSvd randomized_svd(const SparseView& rows, const SparseView& columns, const SvdOptions& options, int threads);

}  // namespace rec
