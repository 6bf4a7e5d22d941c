#include "models/als/als_solver.h"

#include <algorithm>
#include <cmath>

#include "linalg/dot.h"
#include "linalg/syrk.h"

namespace rec {

AlsSolver::AlsSolver(FixedFactors side) : side_(std::move(side)), scaled_(side_.gram()) {
  const auto alpha = static_cast<float>(side_.unobserved_weight());
  float* cell = scaled_.data();
  for (size_t at = 0; at < scaled_.rows() * scaled_.stride(); ++at) cell[at] *= alpha;
}

void AlsSolver::solve(const AlsPairs& pairs, float* x, Scratch& scratch) const {
  const size_t F = side_.dim();
  const size_t padded = scaled_.cols();
  scratch.A.resize(padded * padded);
  scratch.b.assign(padded, 0.0f);
  float* A = scratch.A.data();
  for (size_t row = 0; row < padded; ++row) {
    const size_t from = row / kLanes16 * kLanes16;
    std::copy_n(scaled_.row(row) + from, padded - from, A + row * padded + from);
  }
  const size_t chunk = als_rows_per_chunk(padded);
  scratch.rows.resize(chunk * padded);
  scratch.root.assign(chunk, 1.0f);
  for (size_t begin = 0; begin < pairs.index.size(); begin += chunk) {
    const size_t n = std::min(chunk, pairs.index.size() - begin);
    side_.gather(pairs, begin, n, 0, F, als_rows_ahead(padded), scratch.rows.data());
    if (!pairs.weight.empty())
      std::transform(pairs.weight.begin() + begin, pairs.weight.begin() + begin + n, scratch.root.data(),
                     [](float c) { return std::sqrt(c); });
    axpys(scratch.root.data(), scratch.rows.data(), n, padded, scratch.b.data());
    syrk_add_upper(scratch.rows.data(), n, padded, A, padded);
  }
  const auto ridge = static_cast<float>(side_.ridge(pairs.weight_sum()));
  for (size_t f = 0; f < F; ++f) A[f * padded + f] += ridge;
  if (pairs.prior != nullptr) {
    for (size_t f = 0; f < F; ++f) scratch.b[f] += ridge * pairs.prior[f];
  }
  als_solve(A, scratch.b.data(), F, pairs.index.size());
  std::copy_n(scratch.b.data(), F, x);
}

}  // namespace rec
