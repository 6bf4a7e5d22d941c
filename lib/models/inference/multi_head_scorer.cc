// The logarithm of the mean of K exponentials of inner products. A projection holds the d
// values of each head, padded to a multiple of 16, one head behind the other.
#include <cmath>

#include "linalg/activations.h"
#include "linalg/dot.h"
#include "models/inference/projection_scorer.h"
#include "models/inference/scorer_kinds.h"

namespace rec {
namespace {

class MultiHeadScorer : public ProjectionScorer {
 public:
  explicit MultiHeadScorer(const ScorerParts& parts)
      : ProjectionScorer(parts), heads_(parts.heads), user_map_(head_map(parts.heads_user, parts)) {
    const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(parts.heads_user.rows / heads_)));
    for (size_t f = 0; f < user_map_.rows(); ++f) {
      for (size_t c = 0; c < user_map_.cols(); ++c) user_map_(f, c) *= scale;
    }
    project_items(parts, head_map(parts.heads_item, parts));
  }

  std::unique_ptr<Users> make_users(size_t capacity) const override {
    auto users = std::make_unique<HeadUsers>();
    reserve(capacity, *users);
    return users;
  }

  void score_projections(const float* user, const float* const* items, size_t n, ProjectedUsers& scratch,
                         float* out) const override {
    auto& own = static_cast<HeadUsers&>(scratch);
    const size_t d = projection_size() / heads_;
    own.head_rows.resize(n);
    own.products.resize(heads_ * n);
    for (size_t head = 0; head < heads_; ++head) {
      for (size_t k = 0; k < n; ++k) own.head_rows[k] = items[k] + head * d;
      lane_dots(user + head * d, own.head_rows.data(), n, d, own.products.data() + head * n);
    }
    log_mean_exp(own.products.data(), heads_, n, n, out);
  }

 protected:
  void project_user(const float* h, float* out) const override { multiply(h, user_map_, out); }

 private:
  struct HeadUsers : ProjectedUsers {
    std::vector<const float*> head_rows;
    std::vector<float> products;  // K × n
  };

  // `weight` (K·d × F), transposed: F × K·pad16(d).
  static Matrix head_map(ConstMatrixView weight, const ScorerParts& parts) {
    const size_t d = weight.rows / parts.heads;
    Matrix map(weight.cols, parts.heads * pad16(d));
    for (size_t r = 0; r < weight.rows; ++r) {
      for (size_t f = 0; f < weight.cols; ++f) map(f, r / d * pad16(d) + r % d) = weight(r, f);
    }
    return map;
  }

  size_t heads_;
  Matrix user_map_;  // with the 1 / sqrt(d)
};

}  // namespace

std::unique_ptr<const Scorer> make_multi_head_scorer(const ScorerParts& parts) {
  return std::make_unique<MultiHeadScorer>(parts);
}

}  // namespace rec
