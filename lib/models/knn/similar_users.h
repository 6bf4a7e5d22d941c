// The encoder of user neighbourhood models: h is a vector over the model's users,
// the similarities of the K that are most like this one ("users.history",
// models/knn/similarity.h; K is the meta "neighbours-kept"). A user of the model is
// most like itself, and one of them: so a new user with the same history gets the
// same h.
#pragma once

#include "models/common/history_encoder.h"
#include "models/knn/nearest.h"

namespace rec {

inline constexpr const char* kSimilarUsers = "similar-users";

class SimilarUsersEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error if parts are missing.
  explicit SimilarUsersEncoder(const Artefact& artefact);

  size_t dim() const override { return 0; }
  size_t sparse_rows() const override { return histories_.rows(); }
  bool encode_user(uint32_t user, Behaviour& h) const override;
  bool encode_history(const History& history, Behaviour& h) const override;
  void prepare(int) override {}

 private:
  bool encode(std::span<const uint32_t> item, std::span<const float> value, Behaviour& h) const;

  HistoryWeighing weighing_;
  SparseView histories_;  // U × I
  Csr by_item_;           // I × U
  size_t keep_;
  std::unique_ptr<Similarities> similarities_;
  std::unique_ptr<NearestRows> nearest_;
};

}  // namespace rec
