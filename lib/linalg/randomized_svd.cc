#include "linalg/randomized_svd.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "base/error.h"
#include "linalg/gram.h"
#include "linalg/sgemm.h"
#include "linalg/sparse_product.h"
#include "linalg/symmetric_eigen.h"

namespace rec {
namespace {

// Eigenvalues of the Gramian below this share of the largest are its rounding.
constexpr double kLeastShare = 1e-6;

struct Eigenpairs {
  std::vector<double> values;  // falling, those that count
  Matrix vectors;              // F × count
};

// Of the Gramian of `rows` (n × F).
Eigenpairs gram_eigenpairs(ConstMatrixView rows, int threads) {
  const Matrix gram = gram_upper(rows, threads);
  const size_t F = rows.cols;
  std::vector<double> A(F * F);
  for (size_t r = 0; r < F; ++r) {
    for (size_t c = r; c < F; ++c) A[r * F + c] = static_cast<double>(gram(r, c));
  }
  const SymmetricEigen all = symmetric_eigen(A, F);  // values rise
  Eigenpairs pairs;
  const double least = std::max(kLeastShare * all.values[F - 1], 0.0);
  for (size_t at = F; at-- > 0 && all.values[at] > least;) pairs.values.push_back(all.values[at]);
  if (pairs.values.empty())
    fail("the matrix or its square is beyond the range of float32: expected values nearer to 1, exponents nearer to 0");
  pairs.vectors.resize(F, pairs.values.size());
  for (size_t c = 0; c < pairs.values.size(); ++c) {
    const std::span<const double> vector = all.vector(F - 1 - c);
    for (size_t r = 0; r < F; ++r) pairs.vectors(r, c) = static_cast<float>(vector[r]);
  }
  return pairs;
}

Matrix product(ConstMatrixView A, ConstMatrixView B, int threads) {
  Matrix C(A.rows, B.cols);
  sgemm(A, B, C, threads);
  return C;
}

// An orthonormal basis of the columns of A, which need not be independent. The
// first pass leaves what rounding did to a Gramian of large condition; the second
// mends it.
Matrix orthonormal(Matrix A, int threads) {
  for (int pass = 0; pass < 2; ++pass) {
    Eigenpairs pairs = gram_eigenpairs(A, threads);
    for (size_t c = 0; c < pairs.values.size(); ++c) {
      const auto scale = static_cast<float>(1.0 / std::sqrt(pairs.values[c]));
      for (size_t r = 0; r < pairs.vectors.rows(); ++r) pairs.vectors(r, c) *= scale;
    }
    A = product(A, pairs.vectors, threads);
  }
  return A;
}

Matrix sparse_product(const SparseView& X, const Matrix& dense, int threads) {
  Matrix out(X.rows(), dense.cols());
  sparse_times_dense(X, dense, out, threads);
  return out;
}

void fix_signs(Matrix& vectors) {
  for (size_t c = 0; c < vectors.cols(); ++c) {
    float largest = 0.0f;
    for (size_t r = 0; r < vectors.rows(); ++r) {
      if (std::abs(vectors(r, c)) > std::abs(largest)) largest = vectors(r, c);
    }
    for (size_t r = 0; largest < 0 && r < vectors.rows(); ++r) vectors(r, c) = -vectors(r, c);
  }
}

}  // namespace

TruncatedSvd randomized_svd(const SparseView& rows, const SparseView& columns, const SvdOptions& options, int threads) {
  const size_t n = columns.rows();
  const size_t F = std::min({options.rank + options.oversampling, n, rows.rows()});
  Matrix basis(n, F);
  std::mt19937_64 random(options.seed);
  std::normal_distribution<double> normal;
  for (size_t r = 0; r < n; ++r) {
    for (size_t c = 0; c < F; ++c) basis(r, c) = static_cast<float>(normal(random));
  }
  for (int iteration = 0; iteration <= options.power_iterations; ++iteration) {
    const Matrix left = orthonormal(sparse_product(rows, basis, threads), threads);
    basis = orthonormal(sparse_product(columns, left, threads), threads);
  }
  // The eigenpairs of XᵀX in the basis: those of the Gramian of X·basis.
  Eigenpairs pairs = gram_eigenpairs(sparse_product(rows, basis, threads), threads);
  const size_t rank = std::min(options.rank, pairs.values.size());
  TruncatedSvd svd;
  for (size_t c = 0; c < rank; ++c) svd.values.push_back(static_cast<float>(std::sqrt(pairs.values[c])));
  svd.right = product(basis, ConstMatrixView{pairs.vectors.data(), pairs.vectors.rows(), rank, pairs.vectors.stride()},
                      threads);
  fix_signs(svd.right);
  return svd;
}

}  // namespace rec
