// The mean that the vectors of one side are drawn to where features say something of them:
// linear in the features, as in the regression-based factor model of Agarwal and Chen 2009
// (KDD, section 2.2). Symbols: N rows of the side, C features, F factors, f_n a row of
// features, r_n its ridge (of als: models/als/als.h; of mf 1, in units of Λ: models/mf/mf.h).
//
//   W = argmin Σ_n r_n |x_n - Wᵀf_n|² + ρ r̄ |W|²,   r̄ the mean of the r_n above 0
//   m_n = Wᵀf_n
//
// Solved by conjugate gradients with the diagonal as the preconditioner (Hestenes and
// Stiefel 1952), from the last W on: a step never raises what is minimised. For one thread,
// which may use several; the same bits for every number of them.
#pragma once

#include <cstdint>
#include <vector>

#include "base/option.h"
#include "data/interactions.h"
#include "linalg/matrix.h"
#include "models/common/feature_rows.h"

namespace rec {

// Whose vectors features are for: kAll, those of all rows are drawn to what theirs say; kNew,
// rows without pairs alone get it, and the others are as without features.
enum class FeatureUse { kAll, kNew };

inline constexpr Named<FeatureUse> kFeatureUses[] = {{"all", FeatureUse::kAll}, {"new", FeatureUse::kNew}};

// The options of `features`, --feature-reg for ρ and --feature-use, told to `table`, which refers to all three.
void describe_prior_mean(OptionTable& table, FeatureOptions& features, double& rho, FeatureUse& use);

class PriorMean {
 public:
  // features: N × C. ridge: N, 0 for rows that W is not fitted to. rho: ρ, above 0. dim: F.
  PriorMean(Csr features, size_t categories, std::vector<double> ridge, double rho, size_t dim, int threads);

  // Fits W to `vectors`, N × F, and computes all m.
  void fit(ConstMatrixView vectors);
  // Takes W over, C × F, and computes all m.
  void set(ConstMatrixView weights);
  const Matrix& weights() const { return weights_; }  // W, C × F; 0 before the first fit
  const Matrix& means() const { return means_; }      // m, N × F
  // What is minimised, for rows of ridge above 0: Σ r |x - m|² + ρ r̄ |W|².
  double penalty(ConstMatrixView vectors) const;

  // Bytes at most for these sizes.
  static uint64_t memory(size_t rows, size_t categories, size_t entries, size_t dim);

 private:
  Csr features_;
  Csr by_category_;  // C × N: r_n f_nc
  std::vector<double> ridge_;
  double weight_decay_;           // ρ r̄
  std::vector<double> diagonal_;  // C: Σ_n r_n f_nc² + ρ r̄
  int threads_;
  Matrix weights_;
  Matrix means_;
};

}  // namespace rec
