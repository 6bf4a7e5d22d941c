// What tests compare the library with: dense matrices in double, their products,
// inverses, eigenvalues and singular values, by Eigen, which oracle.cc alone
// includes. For small sizes: each operation makes a new matrix. Thread rule: as
// std::vector.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace rec::oracle {

// R × C, row-major, zero on construction; a vector is n × 1.
class Dense {
 public:
  Dense() = default;
  explicit Dense(size_t rows, size_t cols = 1) : rows_(rows), cols_(cols), cells_(rows * cols) {}
  static Dense identity(size_t n);
  static Dense diagonal(const Dense& vector);

  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  double* data() { return cells_.data(); }
  const double* data() const { return cells_.data(); }
  double& operator()(size_t r, size_t c = 0) { return cells_[r * cols_ + c]; }
  double operator()(size_t r, size_t c = 0) const { return cells_[r * cols_ + c]; }
  bool operator==(const Dense&) const = default;

  // Rows [r, r + n) of columns [c, c + m).
  Dense block(size_t r, size_t c, size_t n, size_t m) const;
  Dense left_columns(size_t m) const { return block(0, 0, rows_, m); }
  Dense row(size_t r) const;  // as a vector, C × 1
  Dense transposed() const;
  Dense row_sums() const;     // R × 1
  Dense column_sums() const;  // C × 1
  double sum() const;
  double largest() const;  // of the absolute values
  double norm() const;     // Frobenius
  double trace() const;
  Dense map(const std::function<double(double)>& f) const;
  Dense power(double exponent) const;  // of each cell

 private:
  size_t rows_ = 0;
  size_t cols_ = 0;
  std::vector<double> cells_;
};

Dense operator*(const Dense& A, const Dense& B);
Dense operator*(double a, const Dense& A);
Dense operator+(const Dense& A, const Dense& B);
Dense operator-(const Dense& A, const Dense& B);
Dense& operator+=(Dense& A, const Dense& B);
double dot(const Dense& a, const Dense& b);
// A += a·y·yᵀ
void add_outer(Dense& A, double a, const Dense& y);

// By LU with partial pivoting. REQUIRES: A is square and not singular.
Dense inverse(const Dense& A);
double determinant(const Dense& A);
Dense solve(const Dense& A, const Dense& B);  // X with A·X = B
// The rising eigenvalues of a symmetric A.
std::vector<double> eigenvalues(const Dense& A);

// A = U·diag(values)·Vᵀ: the falling values and V (C × min(R, C)), from the eigenpairs
// of AᵀA, so values below 1e-8 of the largest are rounding.
struct Svd {
  std::vector<double> values;
  Dense V;
};
Svd svd(const Dense& A);

}  // namespace rec::oracle
