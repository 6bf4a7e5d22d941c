// What the pairs of a table say about its rows, whatever their values: z = W y with
// W_rj = |N(r)|^-½ for the columns j in N(r), where y is the ridge regression of
// given vectors on W,
//   argmin_y Σ_r |v_r - z_r|² + λ Σ_j |y_j|²,
// by conjugate gradients from the last y on. Symbols: R rows, C columns, N values
// of a vector. By one thread at a time; same bits for every number of threads it uses.
#pragma once

#include "data/interactions.h"
#include "linalg/matrix.h"

namespace rec {

class ImplicitPrior {
 public:
  // rows (R × C) and its transpose are held by the caller; weights are not read.
  ImplicitPrior(const Csr& rows, const Csr& transposed, size_t values, double regularization);

  // Fits y to `vectors` (R × N), at most kSteps steps, and recomputes means().
  void fit(const Matrix& vectors, int threads);

  // Takes up an earlier y (C × N); the next fit goes on from it.
  void restore(ConstMatrixView y, int threads);

  const Matrix& weights() const { return y_; }  // C × N: y
  const Matrix& means() const { return z_; }    // R × N: z

  static constexpr int kSteps = 20;
  static constexpr double kTolerance = 1e-4;  // of the residual's norm, by value

 private:
  void apply(const Matrix& y, Matrix& z, int threads) const;        // z = W y
  void apply_transposed(Matrix v, Matrix& out, int threads) const;  // Wᵀ v
  void scale(Matrix& rows) const;

  const Csr& rows_;
  const Csr& transposed_;
  double regularization_;
  std::vector<float> scale_;  // R: |N(r)|^-½
  Matrix y_;
  Matrix z_;
};

}  // namespace rec
