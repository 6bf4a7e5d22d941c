#include "linalg/psd.h"

#include <Eigen/Dense>
#include <cassert>

namespace rec {

void project_to_psd(std::span<double> triangle, size_t n) {
  assert(triangle.size() == n * (n + 1) / 2);
  const auto size = static_cast<Eigen::Index>(n);
  Eigen::MatrixXd A(size, size);
  const double* from = triangle.data();
  for (Eigen::Index row = 0; row < size; ++row) {
    for (Eigen::Index column = row; column < size; ++column) A(column, row) = *from++;  // the solver reads below
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(A);
  const Eigen::VectorXd& values = solver.eigenvalues();  // ascending
  if (size == 0 || values(0) >= 0.0) return;
  const Eigen::MatrixXd& vectors = solver.eigenvectors();
  const Eigen::MatrixXd nearest = vectors * values.cwiseMax(0.0).asDiagonal() * vectors.transpose();
  double* to = triangle.data();
  for (Eigen::Index row = 0; row < size; ++row) {
    for (Eigen::Index column = row; column < size; ++column) *to++ = nearest(row, column);
  }
}

}  // namespace rec
