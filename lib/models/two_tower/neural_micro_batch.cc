#include "models/two_tower/neural_micro_batch.h"

namespace rec {

NeuralLayout::NeuralLayout(const NeuralOptions& options, size_t its_users, size_t its_items,
                           std::span<const NeuralSide> sides)
    : users(its_users), items(its_items), factors(static_cast<size_t>(options.dim)) {
  const bool attention = options.attention_loss().has_value();
  const bool predictor = options.predictor_loss().has_value();
  weights_end_ = weights();
  const auto add = [&](ScoreForm form, bool is_attention, bool is_predictor) {
    parts.push_back({.shape = FormShape(form, options),
                     .attention = is_attention,
                     .predictor = is_predictor,
                     .offset = weights_end_});
    weights_end_ += parts.back().shape.weight_count();
  };
  const bool one = attention && predictor && options.attention == options.predictor;
  if (attention) add(options.attention, true, one);
  if (predictor && !one) add(options.predictor, false, true);
  for (const NeuralSide& side : sides) {
    features.push_back({.side = &side, .dense = weights_end_, .rows = 0});
    weights_end_ += features.back().dense_size(factors);
  }
  size_ = weights_end_;
  for (NeuralFeatureTable& table : features) {
    table.rows = size_;
    size_ += table.side->categories() * factors;
  }
}

std::vector<NeuralLayout::Table> NeuralLayout::tables() const {
  std::vector<Table> all{{user(0), users}, {item(0), items}};
  for (const NeuralFeatureTable& table : features) all.push_back({table.rows, table.side->categories()});
  return all;
}

}  // namespace rec
