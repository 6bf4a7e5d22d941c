#include "score/similar.h"

#include <algorithm>
#include <limits>

#include "linalg/dot.h"

namespace rec {

std::vector<Scored> similar_items(const Model& model, uint32_t item, PairForm form, size_t top) {
  const PairFunction function(form, model.item_vectors());
  const ConstMatrixView images = function.item_images();
  std::vector<float> query(function.image_size());
  function.image(model.item_vectors().row(item), query.data());
  std::vector<const float*> rows(images.rows);
  for (size_t other = 0; other < images.rows; ++other) rows[other] = images.row(other);
  std::vector<float> values(images.rows);
  dots(query.data(), rows.data(), rows.size(), images.cols, values.data());
  values[item] = -std::numeric_limits<float>::infinity();
  TopK best(std::min(top, values.size()));
  best.push_block(values.data(), values.size(), 0);
  std::vector<Scored> result;
  best.finish(result);
  return result;
}

}  // namespace rec
