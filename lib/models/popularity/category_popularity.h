// Popularity by category: items popular in the categories that the user likes.
// Symbols: U users, I items, F categories, n_i an item's count (models/common/popularity.h),
// v_ic >= 0 the value of category c for item i.
//
//   P(c|i) = v_ic / Σ_c v_ic         of an item without any: a category of its own kind
//   P(c) = Σ_i n_i P(c|i) / Σ_i n_i
//   P(i|c) = n_i P(c|i) / Σ_i n_i P(c|i)
//   P(c|u) = (Σ_{j in history} P(c|j) + S P(c)) / (items of the history + S)
//   M(u, i) = Σ_c P(c|u) P(i|c)
//
// S is how many items the mix of categories of all users counts as. A user without a
// history has that mix, and M is the item's share of all counts.
#pragma once

#include "data/features.h"
#include "data/interactions.h"
#include "models/common/encoder.h"

namespace rec {

// x_i = P(i|c), encoder "categories". by_user: whose items count, weights not read;
// counts: n_i. Memory: 8 F bytes an item. Throws UsageError unless smoothing > 0,
// Error where no item of the data has a category.
Artefact fit_category_popularity(const Interactions& data, const Csr& by_user, const std::vector<float>& counts,
                                 const IdTable& feature_items, const FeatureKind& kind, double smoothing);

// h = P(c|u) of the user's history; values are not read.
class CategoryEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error if parts are missing.
  explicit CategoryEncoder(const Artefact& artefact);

  size_t dim() const override { return categories_.cols; }
  bool encode_user(uint32_t user, Behaviour& h) const override;
  bool encode_history(const History& history, Behaviour& h) const override;
  bool encode_unknown(Behaviour& h) const override;
  void prepare(int) override {}

 private:
  void mix(std::span<const uint32_t> items, Behaviour& h) const;

  SparseView histories_;        // U × I
  ConstMatrixView categories_;  // I × F: P(c|i)
  std::span<const float> all_;  // F: P(c)
  double smoothing_;
};

}  // namespace rec
