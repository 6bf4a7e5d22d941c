#include "models/two_tower/neural_micro_batch.h"

namespace rec {

NeuralLayout::NeuralLayout(const NeuralOptions& options, size_t its_users, size_t its_items)
    : users(its_users), items(its_items), factors(static_cast<size_t>(options.dim)) {
  const bool attention = options.attention_loss().has_value();
  const bool predictor = options.predictor_loss().has_value();
  if (attention) {
    parts.push_back({.shape = FormShape(options.attention, options),
                     .attention = true,
                     .predictor = predictor && options.attention == options.predictor,
                     .offset = weights()});
  }
  if (predictor && !(attention && parts[0].predictor))
    parts.push_back({.shape = FormShape(options.predictor, options), .predictor = true, .offset = size()});
}

size_t NeuralLayout::size() const {
  return parts.empty() ? weights() : parts.back().offset + parts.back().shape.weight_count();
}

}  // namespace rec
