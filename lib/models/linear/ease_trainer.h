// EASE: the linear autoencoder with a closed form (Steck 2019, arXiv:1905.03375),
// with the regularisation of EDLAE (Steck 2020, NeurIPS 33). Symbols: U users,
// I items, X the U × I weights; C_u, C_i the sums of a user's, an item's.
//
//   X̃ = D_U^-a X D_I^-b          D_U = diag(C_u), D_I = diag(C_i)
//   G = X̃ᵀX̃
//   P = (G + p/(1-p) diag(G) + λ I)⁻¹
//   B_ij = -P_ij / P_jj for i ≠ j, B_ii = 0
//   S = D_I^-p B D_I^q           with p = q = b, h·S is h X̃'s B, scaled back
//
// q below b makes popular items rise less than that. The exponent b is the same as
// letting item i's regularisation be λ C_i^2b.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/option.h"
#include "data/artefact.h"
#include "linalg/symmetric_tiles.h"
#include "models/common/history_encoder.h"
#include "models/common/neighbours.h"
#include "models/linear/ease_alignment.h"

namespace rec {

struct EaseOptions {
  double regularization = 200.0;             // λ, at least 0
  double dropout = 0.0;                      // p of EDLAE, in [0, 1)
  double user_exponent = 0.0;                // a
  double item_exponent = 0.0;                // b
  std::optional<double> history_exponent;    // p; absent: b
  std::optional<double> candidate_exponent;  // q; absent: b
  int neighbours = 200;                      // N kept of each column of S
  // Of items with features (models/linear/ease_alignment.h).
  double align = 0.0;   // A; 0: none
  int align_users = 1;  // N: items of fewer users are aligned
  // Whether features are given, as --align needs; empty: not asked.
  std::function<bool()> has_features = {};

  // Each option, told to `table`, which refers to this.
  void describe(OptionTable& table);
  // Throws UsageError for a value outside its range.
  void check() const;
};

// S. by_user: X, weights > 0. features: what options.align reads; absent: nothing is aligned. Same bytes for every
// number of threads. Throws Error
// if the system is not positive definite in float32 (then λ is too small).
Neighbours fit_ease(const Csr& by_user, size_t items, const EaseOptions& options, int threads,
                    const EaseFeatures* features = nullptr);

// S of XᵀX with users scaled, or that with noise; item_sum: C_i; the user exponent is not read. Overwrites G; else as
// fit_ease(), and with the exponents of items 0 the same bytes.
Neighbours fit_ease_of_gram(SymmetricTiles& G, const std::vector<double>& item_sum, const EaseOptions& options,
                            int threads);

// The model: S over users' histories, the encoder "history".
Artefact ease_artefact(const Interactions& data, const Csr& by_user, Neighbours neighbours, const EaseOptions& options,
                       const HistoryWeight& weight);
// The same made of what history_artefact() gives.
Artefact ease_artefact(Artefact artefact, Neighbours neighbours, const EaseOptions& options);

// Bytes that fit_ease needs beyond X. aligned: items of options.align.
uint64_t ease_memory(size_t users, size_t items, size_t entries, const EaseOptions& options, int threads,
                     size_t aligned = 0);

}  // namespace rec
