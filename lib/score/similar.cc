#include "score/similar.h"

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace rec {
namespace {

std::vector<Scored> item_neighbours(const Model& model, uint32_t item, size_t top) {
  if (!model.neighbours_are_items()) fail_usage("the model's neighbours are users, not items");
  const auto others = model.neighbours().row(item);
  const auto weights = model.neighbours().row_weight(item);
  std::vector<Scored> result;
  for (size_t at = 0; at < others.size(); ++at) {
    if (others[at] != item) result.push_back({others[at], weight_at(weights, at)});
  }
  std::stable_sort(result.begin(), result.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
  result.resize(std::min(top, result.size()));
  return result;
}

}  // namespace

std::vector<Scored> similar_items(const Model& model, uint32_t item, ScoreForm form, size_t top) {
  const PairFunction function(form, model.parts());
  if (form == ScoreForm::kNeighbours) return item_neighbours(model, item, top);
  const ConstMatrixView images = function.item_images();
  std::vector<float> query(function.image_size());
  function.image(model.item_vectors().row(item), query.data());
  std::vector<const float*> rows(images.rows);
  for (size_t other = 0; other < images.rows; ++other) rows[other] = images.row(other);
  std::vector<float> values(images.rows);
  PairFunction::Scratch scratch;
  function.values(query.data(), rows.data(), rows.size(), values.data(), scratch);
  values[item] = -std::numeric_limits<float>::infinity();
  TopK best(std::min(top, values.size()));
  best.push_block(values.data(), values.size(), 0);
  std::vector<Scored> result;
  best.finish(result);
  return result;
}

}  // namespace rec
