// Matrix factorisation of explicit values (ratings), r ≈ μ + b_u + b_i + p_u·q_i,
// fitted by variational Bayes (Lim, Teh 2007: Variational Bayesian approach to
// movie rating prediction). Thread rule: at each class. Symbols: U users, I items, F factors (dim), N = F + 1
// values a row: its factors, then its bias; n pairs.
//
// In standardised values (r - μ) / s, s their standard deviation:
//   r_ui ~ N(b_u + b_i + p_u·q_i, σ²/c_ui)
//   [p_u, b_u] ~ N(z_u, diag(Λ_U)⁻¹)    [q_i, b_i] ~ N(z_i, diag(Λ_I)⁻¹)
// A half-step of ALS finds all rows of a side at once, each as a normal
// distribution, mean and covariance, given those of the other side. σ² and Λ are
// learnt, so there is no regularisation to search for. c_ui is the weight of the pair, 1 where there are none: its
// squared error counts c_ui times. μ and s are then weighted, too.
//
// Prior means: z = 0; with `implicit` what the pairs say, whatever their values; with
// features Wᵀf_u, linear in them (models/common/prior_mean.h), biases included; with both
// their sum. A row without pairs is its prior: what its features say.
//
// implicit: z_u = |N(u)|^-½ Σ_{j in N(u)} y_j, so that p_u is SVD++'s user vector
// p'_u + |N(u)|^-½ Σ y_j (Koren 2008, eq. 15), and likewise for items and the users
// who rated them. The y are the ridge regression of the vectors on the pairs (as
// the side information of Simm et al. 2015, arXiv:1509.04610).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/option.h"
#include "linalg/matrix.h"
#include "models/common/encoder.h"
#include "models/common/feature_rows.h"
#include "models/common/prior_mean.h"

namespace rec {

struct MfOptions {
  int dim = 40;  // F; 0: biases alone
  int epochs = 20;
  bool implicit = false;
  double implicit_reg = 1.0;  // of y, in units of Λ; more than 0
  FeatureOptions features{.takes_users = true};
  double feature_regularization = 1.0;  // ρ of W, in units of Λ; more than 0
  FeatureUse feature_use = FeatureUse::kAll;
  uint64_t seed = 1;

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
  // Throws UsageError for a value outside its range.
  void check() const;
};

// The tensor with h of a user of whom nothing is known: the mean of all users.
inline constexpr const char* kUnknownUser = "unknown.user";

// Cells of a lower triangle stored row by row: (r, c), c <= r, at r(r+1)/2 + c.
constexpr size_t triangle(size_t n) { return n * (n + 1) / 2; }

// One side as a history sees it, whose rows w = [q, b] are independent normal values.
struct MfSide {
  ConstMatrixView mean;      // rows × N
  ConstMatrixView variance;  // rows × N
};

// What the pairs of a row say: sums over them of what the other side is expected to be.
struct MfSums {
  explicit MfSums(size_t N) : moments(N + triangle(N)), weighted(N) {}

  std::vector<double> moments;   // Σ c E[w], N values, then Σ c E[wwᵀ], triangle(N) cells
  std::vector<double> weighted;  // Σ c r E[w]
  double count = 0.0;            // Σ c
  double values = 0.0;           // Σ c r
  double squares = 0.0;          // Σ c r²

  // Sets count, values and squares from the standardised values r of the pairs; weight: c of each, or empty: 1.
  void set_values(std::span<const float> value, std::span<const float> weight);
};
// All of it for a history: pairs with the rows `index` of `fixed`, c = 1.
MfSums sums_of_history(const MfSide& fixed, std::span<const uint32_t> index, std::span<const float> value);

// One side's rows given the other's. Immutable, so threads share it.
class MfSolver {
 public:
  // noise: σ². precision: Λ, N values.
  MfSolver(double noise, std::span<const double> precision)
      : noise_(noise), precision_(precision.begin(), precision.end()) {}

  struct Row {
    float* mean = nullptr;      // N
    double* moments = nullptr;  // N + triangle(N): E[w] and E[wwᵀ]; or nullptr: not wanted
    float* variance = nullptr;  // N, or nullptr
    double log_precision = 0;   // ln det of the posterior's precision
    double squares = 0;         // Σ c E[(r - r̂)²] over the row's pairs; with `moments` alone
  };
  // The posterior of a row; prior_mean: z, N values, or nullptr: 0. `row.moments` may be `sums.moments`.
  void solve(const MfSums& sums, const float* prior_mean, Row& row) const;

 private:
  double noise_;
  std::vector<double> precision_;
};

// h = [s·p_u, s·b_u + μ, 1], x_i = [q_i, 1, s·b_i], so that M is the dot product. A
// history with values is folded in as a half-step does it, one without says what
// the implicit part knows, and that of a user whose features are known starts from what
// they say; a user of whom nothing is known is the average one.
class MfEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error if parts are missing.
  explicit MfEncoder(const Artefact& artefact);

  size_t dim() const override { return items_.cols; }
  bool encode_user(uint32_t user, Behaviour& h) const override;
  bool encode_history(const History& history, Behaviour& h) const override;
  bool encode_unknown(Behaviour& h) const override;
  void prepare(int threads) override;

 private:
  ConstMatrixView items_;     // I × (F + 2)
  ConstMatrixView users_;     // U × (F + 2)
  ConstMatrixView variance_;  // I × N
  ConstMatrixView implicit_;  // I × N: y; no rows without the implicit part
  std::span<const float> unknown_;
  double mean_;
  double scale_;
  double noise_;
  std::vector<double> precision_;  // Λ_U
  Matrix rows_;                    // I × N: standardised [q, b]
};

}  // namespace rec
