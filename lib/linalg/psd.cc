#include "linalg/psd.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "linalg/symmetric_eigen.h"

namespace rec {

void project_to_psd(std::span<double> triangle, size_t n) {
  assert(triangle.size() == n * (n + 1) / 2);
  std::vector<double> A(n * n);
  const double* from = triangle.data();
  for (size_t row = 0; row < n; ++row) {
    for (size_t column = row; column < n; ++column) A[row * n + column] = *from++;
  }
  const SymmetricEigen pairs = symmetric_eigen(A, n);
  if (n == 0 || pairs.values[0] >= 0.0) return;
  // The sum of value · v vᵀ over the eigenvalues above 0.
  std::fill(triangle.begin(), triangle.end(), 0.0);
  for (size_t at = 0; at < n; ++at) {
    if (pairs.values[at] <= 0.0) continue;
    const std::span<const double> v = pairs.vector(at);
    double* to = triangle.data();
    for (size_t row = 0; row < n; ++row) {
      const double scaled = pairs.values[at] * v[row];
      for (size_t column = row; column < n; ++column) *to++ += scaled * v[column];
    }
  }
}

}  // namespace rec
