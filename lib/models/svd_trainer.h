// Linear models from a truncated SVD. Symbols: U users, I items, F factors, X the
// U × I weights, X̃ = D_U^-a X D_I^-b (models/normalized.h) ≈ W Σ Vᵀ.
//
// PureSVD (Cremonesi, Koren, Turrin 2010, "Performance of recommender algorithms on
// top-N recommendation tasks"), scaled as in EigenRec (arXiv:1511.06033):
//   M = h D_I^-b V Vᵀ D_I^b
// Graph filter, GF-CF (Shen et al. 2021, arXiv:2108.07567, a = b = 1/2 there):
//   M = h (X̃ᵀX̃ + α D_I^-b V Vᵀ D_I^b)
// and sharpened, as BSPM with one step of blurring and one of sharpening is (Choi et
// al. 2023, arXiv:2211.09324):
//   M' = M (I - s X̃ᵀX̃)
#pragma once

#include <optional>

#include "linalg/randomized_svd.h"
#include "models/neighbours.h"

namespace rec {

struct SvdModelOptions {
  int dim = 64;                        // F
  int oversampling = 32;
  int power_iterations = 4;
  uint64_t seed = 1;
  double user_exponent = 0.0;          // a
  double item_exponent = 0.0;          // b
  std::optional<double> graph_filter;  // α, at least 0; absent: PureSVD
  double sharpening = 0.0;             // s, with graph_filter
  int neighbours = 200;                // of the sparse part, with graph_filter

  // Throws UsageError for a value outside its range.
  void check() const;
};

// M(h, x_i) = (Σ_j h_j source_j)·target_i + Σ_j h_j S_ji
struct LinearModel {
  std::vector<float> values;  // Σ: up to F, fewer where X has a lower rank
  Matrix source;              // I × F: D_I^-b V
  Matrix target;              // I × F
  std::optional<Neighbours> neighbours;  // S
};

// by_user: X, weights > 0. Same bytes for every number of threads.
LinearModel fit_svd(const Csr& by_user, size_t items, const SvdModelOptions& options, int threads);

// The model, with the encoder "linear", or "history" where there are neighbours.
Artefact svd_artefact(const Interactions& data, const Csr& by_user, LinearModel fitted, const SvdModelOptions& options);

// Bytes that fit_svd needs beyond X.
uint64_t svd_memory(size_t users, size_t items, size_t entries, const SvdModelOptions& options, int threads);

}  // namespace rec
