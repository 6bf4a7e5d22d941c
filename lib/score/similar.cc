#include "score/similar.h"

#include <algorithm>
#include <limits>

namespace rec {

std::vector<Scored> similar_items(const Model& model, uint32_t item, ScoreForm form, size_t top) {
  const std::unique_ptr<const Scorer> scorer = make_scorer(form, model.parts());
  const std::unique_ptr<Scorer::Users> scratch = scorer->make_users(1);
  std::vector<float> values(model.items().size());
  scorer->similarities(item, *scratch, values.data());
  values[item] = -std::numeric_limits<float>::infinity();
  TopK best(std::min(top, values.size()));
  best.push_block(values.data(), values.size(), 0);
  std::vector<Scored> result;
  best.finish(result);
  return result;
}

}  // namespace rec
