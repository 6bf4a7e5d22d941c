#include "linalg/cholesky.h"

#include <algorithm>

#include "linalg/plain.h"

namespace rec {

bool cholesky_solve_upper(float* A, float* b, size_t F, size_t stride) {
  return plain::cholesky_solve_upper(A, b, F, stride);
}

void cholesky_pad(float* A, float* b, size_t used, size_t F, size_t stride) {
  for (size_t r = 0; r < F; ++r) {
    float* row = A + r * stride;
    std::fill(row + std::max(used, r), row + F, 0.0f);
    if (r >= used) row[r] = 1.0f;
  }
  std::fill(b + used, b + F, 0.0f);
}

}  // namespace rec
