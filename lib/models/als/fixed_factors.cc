#include "models/als/fixed_factors.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "linalg/cholesky.h"
#include "linalg/gram.h"

namespace rec {
namespace {

void prefetch_row(const float* row, size_t floats) {
  for (size_t at = 0; at < floats; at += kLanes16) __builtin_prefetch(row + at);
}

}  // namespace

size_t als_rows_per_chunk(size_t padded) { return std::clamp<size_t>(8192 / padded, 16, 128); }
// The narrower the rows, the sooner a fetched one is needed.
size_t als_rows_ahead(size_t padded) { return std::clamp<size_t>(2048 / padded, 8, 64); }

double AlsPairs::weight_sum() const {
  if (weight.empty()) return static_cast<double>(index.size());
  double sum = 0.0;
  for (const float c : weight) sum += static_cast<double>(c);
  return sum;
}

FixedFactors::FixedFactors(ConstMatrixView vectors, const Counted& counted, const AlsOptions& options, int threads)
    : vectors_(vectors), n_(counted.n), options_(options), gram_(gram_upper(counted.rows, threads)) {}

double FixedFactors::ridge(double weight_sum) const { return options_.ridge(weight_sum, n_); }

void FixedFactors::gather(const AlsPairs& pairs, size_t begin, size_t n, size_t first, size_t cols, size_t ahead,
                          float* rows) const {
  const size_t padded = pad16(cols);
  const size_t size = pairs.index.size();
  const auto row_of = [&](size_t at) { return vectors_.row(pairs.index[at]) + first; };
  for (size_t at = begin; at < begin + n; ++at, rows += padded) {
    if (ahead > 0 && at + ahead < size) prefetch_row(row_of(at + ahead), cols);
    const float* y = row_of(at);
    if (pairs.weight.empty()) {
      std::copy_n(y, cols, rows);
    } else {
      const float root = std::sqrt(pairs.weight[at]);
      for (size_t f = 0; f < cols; ++f) rows[f] = root * y[f];
    }
    std::fill(rows + cols, rows + padded, 0.0f);
  }
}

void als_solve(float* A, float* b, size_t cols, size_t pairs) {
  const size_t padded = pad16(cols);
  if (cols < padded) cholesky_pad(A, b, cols, padded, padded);
  if (!cholesky_solve_upper(A, b, padded, padded)) {
    for (size_t f = 0; f < cols; ++f) {
      if (!std::isfinite(A[f * padded + f])) {
        fail(
            "als: a system of {} pairs is beyond the range of float32; expected vectors, weights and --reg nearer to 1",
            pairs);
      }
    }
    fail("als: a system of {} pairs is not positive definite; give a larger --reg or --unobserved-weight", pairs);
  }
}

}  // namespace rec
