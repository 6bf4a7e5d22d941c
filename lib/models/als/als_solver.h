// The exact half step of als: one row's least-squares problem, by Cholesky.
// Symbols as in models/als/als.h.
#pragma once

#include <vector>

#include "models/als/fixed_factors.h"

namespace rec {

// Immutable, so threads share it; each has its own Scratch.
class AlsSolver {
 public:
  explicit AlsSolver(FixedFactors side);

  struct Scratch {
    AlignedBuffer<float> rows;
    std::vector<float> root;
    AlignedBuffer<float> A;
    AlignedBuffer<float> b;
  };

  // The minimiser x (F floats) of L for one row. The same bits for every thread.
  // Throws Error if the system is not positive definite in float32 (then λ and
  // α0 are too small for this data).
  void solve(const AlsPairs& pairs, float* x, Scratch& scratch) const;

  const FixedFactors& side() const { return side_; }

 private:
  FixedFactors side_;
  Matrix scaled_;  // α0 YᵀY
};

}  // namespace rec
