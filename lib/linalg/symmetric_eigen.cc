#include "linalg/symmetric_eigen.h"

#include <Eigen/Eigenvalues>
#include <cassert>

namespace rec {

SymmetricEigen symmetric_eigen(std::span<const double> A, size_t n) {
  assert(A.size() == n * n);
  SymmetricEigen pairs;
  pairs.n = n;
  if (n == 0) return pairs;
  const auto size = static_cast<Eigen::Index>(n);
  // Rows of A are columns to Eigen, so its lower triangle, which the solver reads, is the upper one of A.
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(Eigen::Map<const Eigen::MatrixXd>(A.data(), size, size));
  pairs.values.assign(solver.eigenvalues().data(), solver.eigenvalues().data() + n);
  pairs.vectors.assign(solver.eigenvectors().data(), solver.eigenvectors().data() + n * n);
  return pairs;
}

}  // namespace rec
