#include "oracle.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>

namespace rec::oracle {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

using Lu = Eigen::PartialPivLU<Eigen::MatrixXd>;
using Eigensolver = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;

Eigen::Map<const RowMajor> as_eigen(const Dense& A) {
  return {A.data(), static_cast<Eigen::Index>(A.rows()), static_cast<Eigen::Index>(A.cols())};
}

Eigen::Map<RowMajor> as_eigen(Dense& A) {
  return {A.data(), static_cast<Eigen::Index>(A.rows()), static_cast<Eigen::Index>(A.cols())};
}

Dense as_dense(const Eigen::MatrixXd& M) {
  Dense out(static_cast<size_t>(M.rows()), static_cast<size_t>(M.cols()));
  as_eigen(out) = M;
  return out;
}

}  // namespace

Dense Dense::identity(size_t n) {
  return diagonal(Dense(n).map([](double) { return 1.0; }));
}

Dense Dense::diagonal(const Dense& vector) {
  Dense out(vector.rows(), vector.rows());
  for (size_t i = 0; i < vector.rows(); ++i) out(i, i) = vector(i);
  return out;
}

Dense Dense::block(size_t r, size_t c, size_t n, size_t m) const {
  Dense out(n, m);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < m; ++j) out(i, j) = (*this)(r + i, c + j);
  }
  return out;
}

Dense Dense::row(size_t r) const { return block(r, 0, 1, cols_).transposed(); }

Dense Dense::transposed() const {
  Dense out(cols_, rows_);
  for (size_t r = 0; r < rows_; ++r) {
    for (size_t c = 0; c < cols_; ++c) out(c, r) = (*this)(r, c);
  }
  return out;
}

Dense Dense::row_sums() const {
  Dense out(rows_);
  for (size_t r = 0; r < rows_; ++r) {
    for (size_t c = 0; c < cols_; ++c) out(r) += (*this)(r, c);
  }
  return out;
}

Dense Dense::column_sums() const { return transposed().row_sums(); }

double Dense::sum() const {
  double total = 0.0;
  for (const double cell : cells_) total += cell;
  return total;
}

double Dense::largest() const {
  double most = 0.0;
  for (const double cell : cells_) most = std::max(most, std::abs(cell));
  return most;
}

double Dense::trace() const {
  double total = 0.0;
  for (size_t i = 0; i < rows_; ++i) total += (*this)(i, i);
  return total;
}

double Dense::norm() const { return std::sqrt(dot(*this, *this)); }

Dense Dense::map(const std::function<double(double)>& f) const {
  Dense out = *this;
  for (double& cell : out.cells_) cell = f(cell);
  return out;
}

Dense Dense::power(double exponent) const {
  return map([exponent](double cell) { return std::pow(cell, exponent); });
}

Dense operator*(const Dense& A, const Dense& B) {
  Dense out(A.rows(), B.cols());
  as_eigen(out).noalias() = as_eigen(A) * as_eigen(B);
  return out;
}

Dense operator*(double a, const Dense& A) {
  return A.map([a](double cell) { return a * cell; });
}

Dense& operator+=(Dense& A, const Dense& B) {
  as_eigen(A) += as_eigen(B);
  return A;
}

Dense operator+(const Dense& A, const Dense& B) {
  Dense out = A;
  return out += B;
}

Dense operator-(const Dense& A, const Dense& B) { return A + -1.0 * B; }

double dot(const Dense& a, const Dense& b) {
  double total = 0.0;
  for (size_t i = 0; i < a.rows() * a.cols(); ++i) total += a.data()[i] * b.data()[i];
  return total;
}

void add_outer(Dense& A, double a, const Dense& y) {
  for (size_t r = 0; r < y.rows(); ++r) {
    for (size_t c = 0; c < y.rows(); ++c) A(r, c) += a * y(r) * y(c);
  }
}

Dense inverse(const Dense& A) { return solve(A, Dense::identity(A.rows())); }

double determinant(const Dense& A) { return Lu(as_eigen(A)).determinant(); }

Dense solve(const Dense& A, const Dense& B) { return as_dense(Lu(as_eigen(A)).solve(Eigen::MatrixXd(as_eigen(B)))); }

std::vector<double> eigenvalues(const Dense& A) {
  const Eigensolver solver(as_eigen(A));
  return {solver.eigenvalues().begin(), solver.eigenvalues().end()};
}

Svd svd(const Dense& A) {
  const Eigensolver solver(as_eigen(A.transposed() * A));  // whose values rise
  Svd out;
  const size_t n = A.cols();
  const size_t rank = std::min(A.rows(), n);
  out.V = Dense(n, rank);
  for (size_t k = 0; k < rank; ++k) {
    const auto column = static_cast<Eigen::Index>(n - 1 - k);
    out.values.push_back(std::sqrt(std::max(0.0, solver.eigenvalues()(column))));
    for (size_t r = 0; r < n; ++r) out.V(r, k) = solver.eigenvectors()(static_cast<Eigen::Index>(r), column);
  }
  return out;
}

}  // namespace rec::oracle
