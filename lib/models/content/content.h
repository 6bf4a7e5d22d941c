// Content: items are known by their features alone, users by the items of their histories. Symbols: U users,
// I items, C features, D numbers of a vector.
//
//   x_i = f_i V         f: models/common/feature_rows.h. V is the identity where C <= D; else the first D right
//                       singular vectors of all f, which keep their inner products as well as D numbers can
//   h   = Σ_j c_j x_j / Σ_j c_j   (mean; Rocchio 1971) over the items j of the history, c as
//                       models/common/history_weights.h says; M(h, x_i) is their cosine
//   h   = argmin Σ_i c_i (p_i - h·x_i)² + ridge |h|²   (ridge): the least squares of models/als/als.h, of which the
//                       x are the items; M is h·x_i
// So what no one has taken is scored as all else, by its features.
#pragma once

#include "data/artefact.h"
#include "models/common/encoder.h"
#include "models/common/history_weights.h"
#include "models/content/content_options.h"

namespace rec {

// The encoder "content" of the mean. A history whose items have no features says nothing.
class ContentEncoder : public Encoder {
 public:
  // The artefact must outlive this. Throws Error if parts are missing.
  explicit ContentEncoder(const Artefact& artefact);

  size_t dim() const override { return items_.cols; }
  bool encode_user(uint32_t user, Behaviour& h) const override;
  bool encode_history(const History& history, Behaviour& h) const override;
  void prepare(int) override {}

 private:
  ConstMatrixView items_;
  ConstMatrixView users_;
  HistoryWeights weights_;
};

// The model but for the vectors of its users, "users.factors". by_user: U × I; items: their features. Same bits
// for every number of threads. REQUIRES: options.now is there and resolved under a half-life; a feature that is
// not 0.
Artefact fit_content_items(const Interactions& data, const Csr& by_user, const SideFeatures& items,
                           const ContentOptions& options, int threads);

// Bytes that training needs beyond the rows, users' vectors included.
uint64_t content_memory(size_t users, const SideFeatures& items, const ContentOptions& options);

}  // namespace rec
