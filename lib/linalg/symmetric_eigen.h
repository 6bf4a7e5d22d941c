// Eigenvalues and eigenvectors of symmetric matrices, by one thread: Eigen's solver (Householder to tridiagonal, then
// implicit QR), behind one unit that compiles it. Thread-safe: no shared state.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace rec {

// A = V diag(values) Vᵀ of an n × n matrix.
struct SymmetricEigen {
  size_t n = 0;
  std::vector<double> values;   // n, rising
  std::vector<double> vectors;  // n × n, one eigenvector after another, each of length 1; its sign is the solver's

  std::span<const double> vector(size_t which) const { return {vectors.data() + which * n, n}; }
};

// `A`: n × n, finite. Reads where column >= row of A stored row by row, as gram_upper fills it; n = 0 is allowed.
SymmetricEigen symmetric_eigen(std::span<const double> A, size_t n);

}  // namespace rec
