// The encoders that know a user by nothing but a history.
// "history", of item neighbourhood models: h is the history itself, one entry an
// item, whose weight is 1, the item's value, or what a confidence with the meta
// "confidence-scale" makes of it (meta "history-weight": one, value, linear, log).
// Users of the model have theirs in "users.history", if it keeps users. Where the
// model also has a tensor "items.source" (I × F), h has a dense part Σ_j w_j s_j.
// "linear": h is that dense part alone.
#pragma once

#include "data/row_table.h"
#include "models/common/confidence.h"
#include "models/common/encoder.h"

namespace rec {

inline constexpr const char* kUserHistory = "users.history";
inline constexpr const char* kHistoryWeight = "history-weight";
inline constexpr const char* kItemSource = "items.source";

// How the value of a pair became its weight in training.
struct HistoryWeight {
  Confidence confidence = Confidence::kNone;
  double scale = 1.0;
};

// What a loaded model makes of a new user's history.
class HistoryWeighing {
 public:
  explicit HistoryWeighing(const Artefact& artefact);
  bool weighted() const { return weighted_; }
  // The weights of its items in place of its values; none, where all are 1.
  void weigh(ItemBag& bag) const;

 private:
  bool weighted_;
  HistoryWeight weight_;  // of a value; kNone: the value itself, if weighted_
};

class HistoryEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error if parts are missing.
  HistoryEncoder(const Artefact& artefact, bool dense_alone);

  size_t dim() const override { return source_.cols; }
  size_t sparse_rows() const override { return dense_alone_ ? 0 : items_; }
  bool encode_user(uint32_t user, Behaviour& h) const override;
  bool encode_history(const History& history, Behaviour& h) const override;
  bool has_parts() const override { return true; }
  bool encode_parts(const History& history, HistoryParts& parts) const override;
  void prepare(int) override {}

 private:
  void add_source(Behaviour& h) const;  // and, for "linear", takes the sparse part away

  size_t items_;
  SparseView users_;
  RowTable source_;
  HistoryWeighing weighing_;
  bool dense_alone_;
};

// What every model with one of these encoders has: the ids, item counts, users'
// histories and the meta that say so. by_user: U × I, h of each user, its weights
// those that `weight` makes.
Artefact history_artefact(const Interactions& data, const Csr& by_user, const std::string& encoder,
                          const HistoryWeight& weight);
// The same of a model that keeps no users, whose histories have no weights. counts: the users of each item.
Artefact history_artefact(const IdTable& items, const std::vector<float>& counts, const std::string& encoder);

}  // namespace rec
