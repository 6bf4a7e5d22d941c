// Popularity: every user gets the same vector, and an item scores ln(1 + n_i),
// n_i being its count. So softmax attention over it is the add-one smoothed
// share of the counts, (1 + n_i) / Σ_j (1 + n_j). Also the declared fallback of
// other models for users they know nothing of. Symbols: I items.
#pragma once

#include <vector>

#include "data/interactions.h"
#include "models/common/encoder.h"

namespace rec {

// The tensor with n_i that models carry for the fallback (per item, I).
inline constexpr const char* kItemCounts = "items.count";

// The number of users of each item: I values.
std::vector<float> item_counts(const Csr& by_user, size_t items, int threads = 1);
// The number of items of each user: a value a row.
std::vector<float> user_counts(const Csr& by_user);

// The same where a pair counts as much as the weightiest of its rows; row_weight: N
// values, for data's rows.
std::vector<float> item_counts(const Interactions& data, const Csr& by_user, const std::vector<float>& row_weight);

// ln(1 + n_i) for each item.
std::vector<float> popularity_scores(const float* counts, size_t items);

// The model: dim 1, h = 1, x_i = ln(1 + n_i).
Artefact fit_popularity(const Interactions& data, const std::vector<float>& counts);

class ConstantEncoder : public Encoder {
 public:
  size_t dim() const override { return 1; }
  bool encode_user(uint32_t user, Behaviour& h) const override;
  bool encode_history(const History& history, Behaviour& h) const override;
  void prepare(int) override {}
};

}  // namespace rec
