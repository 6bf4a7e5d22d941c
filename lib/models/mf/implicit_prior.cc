#include "models/mf/implicit_prior.h"

#include <algorithm>
#include <cmath>

#include "linalg/sparse_product.h"

namespace rec {
namespace {

// Σ_r a_rf b_rf for each column f.
std::vector<double> column_dots(const Matrix& a, const Matrix& b) {
  std::vector<double> sums(a.cols(), 0.0);
  for (size_t row = 0; row < a.rows(); ++row) {
    for (size_t f = 0; f < a.cols(); ++f) sums[f] += static_cast<double>(a(row, f)) * static_cast<double>(b(row, f));
  }
  return sums;
}

// x_rf += scale_f·y_rf
void add_scaled(const std::vector<double>& scale, const Matrix& y, Matrix& x) {
  for (size_t row = 0; row < x.rows(); ++row) {
    for (size_t f = 0; f < x.cols(); ++f)
      x(row, f) = static_cast<float>(static_cast<double>(x(row, f)) + scale[f] * static_cast<double>(y(row, f)));
  }
}

}  // namespace

ImplicitPrior::ImplicitPrior(const Csr& rows, const Csr& transposed, size_t values, double regularization)
    : rows_(rows),
      transposed_(transposed),
      regularization_(regularization),
      scale_(rows.rows()),
      y_(transposed.rows(), values),
      z_(rows.rows(), values) {
  for (size_t row = 0; row < rows.rows(); ++row) {
    const size_t n = rows.row_size(row);
    scale_[row] = n == 0 ? 0.0f : static_cast<float>(1.0 / std::sqrt(static_cast<double>(n)));
  }
}

void ImplicitPrior::scale(Matrix& rows) const {
  for (size_t row = 0; row < rows.rows(); ++row) {
    for (size_t f = 0; f < rows.cols(); ++f) rows(row, f) *= scale_[row];
  }
}

void ImplicitPrior::apply(const Matrix& y, Matrix& z, int threads) const {
  sparse_times_dense({rows_.begin, rows_.index, {}}, y, z, threads);
  scale(z);
}

void ImplicitPrior::apply_transposed(Matrix v, Matrix& out, int threads) const {
  scale(v);
  sparse_times_dense({transposed_.begin, transposed_.index, {}}, v, out, threads);
}

void ImplicitPrior::restore(ConstMatrixView y, int threads) {
  for (size_t row = 0; row < y_.rows(); ++row) std::copy_n(y.row(row), y_.cols(), y_.row(row));
  apply(y_, z_, threads);
}

void ImplicitPrior::fit(const Matrix& vectors, int threads) {
  const size_t N = y_.cols();
  // (WᵀW + λ) y = Wᵀv, every column of y by itself.
  Matrix target(y_.rows(), N), residual(y_.rows(), N), product(y_.rows(), N);
  const auto normal = [&](const Matrix& x) {
    apply(x, z_, threads);
    apply_transposed(z_, product, threads);
    add_scaled(std::vector<double>(N, regularization_), x, product);
  };
  apply_transposed(vectors, target, threads);
  normal(y_);
  residual = target;
  add_scaled(std::vector<double>(N, -1.0), product, residual);
  Matrix direction = residual;
  std::vector<double> squares = column_dots(residual, residual);
  const std::vector<double> goal = column_dots(target, target);
  for (int step = 0; step < kSteps; ++step) {
    bool done = true;
    for (size_t f = 0; f < N; ++f) done &= squares[f] <= kTolerance * kTolerance * goal[f];
    if (done) break;
    normal(direction);
    const std::vector<double> curvature = column_dots(direction, product);
    std::vector<double> length(N), shorter(N), ratio(N);
    for (size_t f = 0; f < N; ++f) {
      length[f] = curvature[f] > 0.0 ? squares[f] / curvature[f] : 0.0;
      shorter[f] = -length[f];
    }
    add_scaled(length, direction, y_);
    add_scaled(shorter, product, residual);
    const std::vector<double> next = column_dots(residual, residual);
    for (size_t f = 0; f < N; ++f) ratio[f] = squares[f] > 0.0 ? next[f] / squares[f] : 0.0;
    squares = next;
    for (size_t row = 0; row < direction.rows(); ++row) {
      for (size_t f = 0; f < N; ++f) {
        direction(row, f) = static_cast<float>(static_cast<double>(residual(row, f)) +
                                               ratio[f] * static_cast<double>(direction(row, f)));
      }
    }
  }
  apply(y_, z_, threads);
}

}  // namespace rec
