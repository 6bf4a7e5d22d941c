// Implicit-feedback matrix factorisation by alternating least squares (iALS):
// Hu, Koren, Volinsky 2008 in the form of Rendle, Krichene, Zhang, Koren 2022
// (arXiv:2110.14037, eq. 2-4). Symbols: U users, I items, F factors (dim),
// S observed pairs with weight c_ui.
//
//   L = Σ_{(u,i) in S} c_ui (x_u·y_i - 1)² + α0 Σ_{u,i} (x_u·y_i)²
//     + λ (Σ_u (C_u + α0 I)^ν |x_u|² + Σ_i (C_i + α0 U)^ν |y_i|²)
//
// C_u, C_i: the sums of the weights of a user's, an item's pairs (their number
// where all weights are 1).
//
// With features of a side its vectors are drawn to a mean that is linear in them
// (models/common/prior_mean.h): |y_i - m_i|² in place of |y_i|², and the penalty of W. Users
// (items) without a pair stay out of L, also of U (I), and have the vector m. With
// FeatureUse::kNew they alone have it: L is as above, and W fitted to its solution.
#pragma once

#include <memory>

#include "data/row_table.h"
#include "models/als/als_solver.h"
#include "models/common/encoder.h"

namespace rec {

// Users of the model have their trained vector; a new history is solved for by
// the same least squares against the items. A user who is known by features alone is drawn to the
// vector that they give.
class AlsEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error if parts are missing.
  explicit AlsEncoder(const Artefact& artefact);

  size_t dim() const override { return items_.cols; }
  bool encode_user(uint32_t user, Behaviour& h) const override;
  bool encode_history(const History& history, Behaviour& h) const override;
  // models/als/als_history_parts.h
  bool has_parts() const override { return true; }
  bool encode_parts(const History& history, HistoryParts& parts) const override;
  void prepare(int threads) override;

 private:
  // m of a user of the model, nullptr for others.
  const float* prior_of(const History& history) const;

  RowTable items_;
  RowTable users_;
  const float* item_counts_ = nullptr;  // I; nullptr: all items have pairs
  size_t counted_ = 0;                  // items with pairs
  AlsOptions options_;
  std::unique_ptr<AlsSolver> solver_;
};

}  // namespace rec
