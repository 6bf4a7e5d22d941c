// Linear models from a truncated SVD. Symbols: U users, I items, F factors, X the
// U × I weights, X̃ = D_U^-a X D_I^-b (models/common/normalized.h) ≈ W Σ Vᵀ.
//
// PureSVD (Cremonesi, Koren, Turrin 2010, "Performance of recommender algorithms on
// top-N recommendation tasks"), scaled as in EigenRec (arXiv:1511.06033):
//   M = h D_I^-b V Vᵀ D_I^b
// Graph filter, GF-CF (Shen et al. 2021, arXiv:2108.07567; a = b = 1/2 and Λ_1 = 1
// there; Λ_f = Σ_f², so that G has its eigenvalues in [0, 1] for any a and b):
//   M = h (G + α D_I^-b V Vᵀ D_I^b),  G = X̃ᵀX̃ / Λ_1
// and sharpened, as BSPM with one step of blurring and one of sharpening is (Choi et
// al. 2023, arXiv:2211.09324):
//   M' = M (I - s G)
// Ridge filter, a linear autoencoder without EASE's constraint on the diagonal (Moon,
// Kim, Lee 2023, arXiv:2305.12922) at the price of an SVD: exact for the F largest
// eigenvalues Λ of X̃ᵀX̃, and a multiple of it for the others,
//   M = h D_I^-p X̃ᵀX̃ (X̃ᵀX̃ + c I)⁻¹ D_I^q
//     ≈ h D_I^-p (t X̃ᵀX̃ + V (Λ (Λ + c)⁻¹ - t Λ) Vᵀ) D_I^q,  t = 1 / (Λ_F + c)
// The exponents p and q are b unless given; where they are given, all forms are
// h D_I^-p (...) D_I^q.
#pragma once

#include <optional>

#include "base/option.h"
#include "linalg/randomized_svd.h"
#include "models/common/history_encoder.h"
#include "models/common/neighbours.h"

namespace rec {

struct SvdModelOptions {
  int dim = 64;  // F
  int oversampling = 32;
  int power_iterations = 4;
  uint64_t seed = 1;
  double user_exponent = 0.0;                // a
  double item_exponent = 0.0;                // b
  std::optional<double> graph_filter;        // α, at least 0; absent: PureSVD
  bool pure = false;                         // --pure: neither graph_filter nor ridge
  std::optional<double> ridge;               // c, more than 0; without graph_filter
  std::optional<double> history_exponent;    // p
  std::optional<double> candidate_exponent;  // q
  double sharpening = 0.0;                   // s, with graph_filter
  int neighbours = 200;                      // of the sparse part, with graph_filter or ridge

  bool has_neighbours() const { return graph_filter || ridge; }

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
  // Throws UsageError for a value outside its range.
  void check() const;
};

// M(h, x_i) = (Σ_j h_j source_j)·target_i + Σ_j h_j S_ji
struct LinearModel {
  std::vector<float> values;             // Σ: up to F, fewer where X has a lower rank
  Matrix source;                         // I × F: D_I^-b V
  Matrix target;                         // I × F
  std::optional<Neighbours> neighbours;  // S
};

// by_user: X, weights > 0. Same bytes for every number of threads.
LinearModel fit_svd(const Csr& by_user, size_t items, const SvdModelOptions& options, int threads);

// The same of XᵀX with users scaled, or that with noise: `gram`, symmetric; item_sum: C_i; the user exponent is not
// read. It equals fit_svd() but for rounding. noise: the norm of what was added to the Gramian; of the factors those
// stay whose eigenvalue is above that, and the first.
LinearModel fit_svd_of_gram(Csr gram, const std::vector<double>& item_sum, double noise, const SvdModelOptions& options,
                            int threads);

// The model, with the encoder "linear", or "history" where there are neighbours.
Artefact svd_artefact(const Interactions& data, const Csr& by_user, LinearModel fitted, const SvdModelOptions& options,
                      const HistoryWeight& weight);
// The same made of what history_artefact() gives.
Artefact svd_artefact(Artefact artefact, LinearModel fitted, const SvdModelOptions& options);

// Bytes that fit_svd needs beyond X.
uint64_t svd_memory(const Csr& by_user, size_t items, const SvdModelOptions& options, int threads);
// Bytes that fit_svd_of_gram needs, its gram of so many entries included.
uint64_t svd_of_gram_memory(size_t items, uint64_t entries, const SvdModelOptions& options, int threads);

}  // namespace rec
