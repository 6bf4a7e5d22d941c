// A function of the sum of two projections: v·tanh(W h + U x). D is the number of rows of
// W, padded to a multiple of 16.
#include "linalg/activations.h"
#include "models/inference/projection_scorer.h"
#include "models/inference/scorer_kinds.h"

namespace rec {
namespace {

class AdditiveScorer : public ProjectionScorer {
 public:
  explicit AdditiveScorer(const ScorerParts& parts)
      : ProjectionScorer(parts),
        user_map_(transposed(parts.additive_user, 0, parts.items.cols)),
        weight_(padded(parts.additive_weight)) {
    project_items(parts, transposed(parts.additive_item, 0, parts.items.cols));
  }

  void score_projections(const float* user, const float* const* items, size_t n, ProjectedUsers&,
                         float* out) const override {
    tanh_scores(user, items, n, projection_size(), weight_.data(), out);
  }

 protected:
  void project_user(const float* h, float* out) const override { multiply(h, user_map_, out); }

 private:
  Matrix user_map_;              // F × D: W
  AlignedBuffer<float> weight_;  // D: v
};

}  // namespace

std::unique_ptr<const Scorer> make_additive_scorer(const ScorerParts& parts) {
  return std::make_unique<AdditiveScorer>(parts);
}

}  // namespace rec
