// Inner products of projections: one kernel, score_block() of linalg/score_tile.h, serves
// them all. D = F, but sum has D = 2.
#include <algorithm>
#include <cmath>

#include "linalg/dot.h"
#include "linalg/vector_exp.h"
#include "models/inference/coded_panels.h"
#include "models/inference/int8_items.h"
#include "models/inference/projection_scorer.h"
#include "models/inference/scorer_kinds.h"

namespace rec {
namespace {

double weighted_sum(const float* x, const std::vector<double>& weight) {
  double sum = 0.0;
  for (size_t f = 0; f < weight.size(); ++f) sum += weight[f] * static_cast<double>(x[f]);
  return sum;
}

// x / |x|, 0 where x is 0.
void unit(const float* x, size_t n, float* out) {
  double squares = 0.0;
  for (size_t f = 0; f < n; ++f) squares += static_cast<double>(x[f]) * static_cast<double>(x[f]);
  const double scale = squares > 0.0 ? 1.0 / std::sqrt(squares) : 0.0;
  for (size_t f = 0; f < n; ++f) out[f] = static_cast<float>(static_cast<double>(x[f]) * scale);
}

class InnerProductScorer : public ProjectionScorer {
 public:
  InnerProductScorer(ScoreForm form, const ScorerParts& parts)
      : ProjectionScorer(parts), form_(form), factors_(parts.items.cols) {
    if (form == ScoreForm::kSum) {
      sum_weight_.assign(factors_, 1.0);
      if (!parts.sum_weight.empty()) std::copy(parts.sum_weight.begin(), parts.sum_weight.end(), sum_weight_.begin());
      sum_bias_ = static_cast<double>(parts.sum_bias);
      project_each(parts, 2);
    } else if (form == ScoreForm::kCosine) {
      project_each(parts, factors_);
    } else {
      use_items_themselves(parts);
    }
    if (form == ScoreForm::kBilinear) {
      bilinear_.resize(factors_, factors_);
      for (size_t f = 0; f < factors_; ++f) std::copy_n(parts.bilinear.row(f), factors_, bilinear_.row(f));
    }
  }

  std::unique_ptr<Users> make_users(size_t capacity) const override {
    auto users = std::make_unique<CodedPanels::CodedUsers>(capacity, projection_size());
    reserve(capacity, *users);
    return users;
  }

  std::unique_ptr<const ArrangedItems> arrange(std::span<const uint32_t> item_at) const override;

  std::unique_ptr<const ArrangedItems> arrange_for_best(std::span<const uint32_t> item_at, int threads) const override;

  std::unique_ptr<const ArrangedItems> arrange_in_place() const override {
    std::unique_ptr<const ArrangedItems> in_place = ProjectionScorer::arrange_in_place();
    if (!is_product()) return in_place;
    if (item_projections().codes() == nullptr) return std::make_unique<CodedItems>(*this, std::move(in_place));
    return std::make_unique<Int8Items>(*this, std::move(in_place));
  }

  void score_projections(const float* user, const float* const* items, size_t n, ProjectedUsers&,
                         float* out) const override {
    dots(user, items, n, projection_size(), out);
    finish(out, n);
  }

  // From inner products to f.
  void finish(float* inner_products, size_t n) const {
    if (form_ == ScoreForm::kLogistic) sigmoid_all(inner_products, n);
    if (form_ == ScoreForm::kExp) exp_all(inner_products, n);
  }

 protected:
  void project_user(const float* h, float* out) const override {
    switch (form_) {
      case ScoreForm::kScaled: {
        const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(factors_)));
        for (size_t f = 0; f < factors_; ++f) out[f] = h[f] * scale;
        break;
      }
      case ScoreForm::kCosine:
        unit(h, factors_, out);
        break;
      case ScoreForm::kSum:
        out[0] = static_cast<float>(weighted_sum(h, sum_weight_));
        out[1] = 1.0f;
        break;
      case ScoreForm::kBilinear:
        multiply(h, bilinear_, out);
        break;
      default:
        std::copy_n(h, factors_, out);
        break;
    }
  }

 private:
  // Whether a score is the inner product itself.
  bool is_product() const { return form_ != ScoreForm::kLogistic && form_ != ScoreForm::kExp; }

  void project_item(const float* x, float* out) const {
    if (form_ == ScoreForm::kCosine) return unit(x, factors_, out);
    out[0] = 1.0f;
    out[1] = static_cast<float>(weighted_sum(x, sum_weight_) + sum_bias_);
  }

  void project_each(const ScorerParts& parts, size_t size) {
    Matrix made(parts.items.rows, size);
    std::vector<float> decoded(parts.items.cols);
    for (size_t item = 0; item < parts.items.rows; ++item)
      project_item(parts.items.row(item, decoded.data()), made.row(item));
    std::vector<float> unknown(size);
    project_item(unknown_item_of(parts).data(), unknown.data());
    use_projections(std::move(made), std::move(unknown));
  }

  ScoreForm form_;
  size_t factors_;
  std::vector<double> sum_weight_;  // w
  double sum_bias_ = 0.0;           // b
  Matrix bilinear_;                 // W
};

class PackedProjections : public ArrangedItems {
 public:
  PackedProjections(const InnerProductScorer& scorer, std::span<const uint32_t> item_at, int threads)
      : scorer_(scorer),
        packed_(
            item_at.size(), scorer.item_projections().cols,
            [&](size_t at, float* scratch) { return scorer.item_projections().row(item_at[at], scratch); }, threads) {}

  void score_block(size_t n_users, size_t first, size_t count, Scorer::Users& users, float* out,
                   size_t stride) const override {
    const auto& own = static_cast<ProjectionScorer::ProjectedUsers&>(users);
    rec::score_block(own.projections.view().middle_rows(0, n_users), packed_, first, count, out, stride);
    for (size_t user = 0; user < n_users; ++user) scorer_.finish(out + user * stride, count);
  }

 private:
  const InnerProductScorer& scorer_;
  PackedItems packed_;
};

std::unique_ptr<const ArrangedItems> InnerProductScorer::arrange(std::span<const uint32_t> item_at) const {
  return std::make_unique<PackedProjections>(*this, item_at, 1);
}

std::unique_ptr<const ArrangedItems> InnerProductScorer::arrange_for_best(std::span<const uint32_t> item_at,
                                                                          int threads) const {
  if (is_product() && CodedPanels::pays(item_at.size(), projection_size()))
    return std::make_unique<CodedPanels>(*this, item_at, threads);
  return std::make_unique<PackedProjections>(*this, item_at, threads);
}

}  // namespace

std::unique_ptr<const Scorer> make_inner_product_scorer(ScoreForm form, const ScorerParts& parts) {
  return std::make_unique<InnerProductScorer>(form, parts);
}

}  // namespace rec
