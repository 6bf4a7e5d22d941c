#include "score/similar.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace rec {

std::vector<Scored> similar_items(const Model& model, uint32_t item, ScoreForm form, size_t top,
                                  const std::vector<bool>& left_out) {
  const std::unique_ptr<const Scorer> scorer = make_scorer(form, model.parts());
  const std::unique_ptr<Scorer::Users> scratch = scorer->make_users(1);
  std::vector<float> values(model.items().size());
  scorer->similarities(item, *scratch, values.data());
  for (size_t other = 0; other < values.size(); ++other) {
    const bool nothing_in_common = form == ScoreForm::kNeighbours && values[other] < 0.0f;
    if (other == item || std::isfinite(values[other]) || nothing_in_common) continue;
    fail("items \"{}\" and \"{}\": the similarity is not finite", printable(model.items()[item]),
         printable(model.items()[static_cast<uint32_t>(other)]));
  }
  values[item] = -std::numeric_limits<float>::infinity();
  for (size_t other = 0; other < left_out.size(); ++other) {
    if (left_out[other]) values[other] = -std::numeric_limits<float>::infinity();
  }
  TopK best(std::min(top, values.size()));
  best.push_block(values.data(), values.size(), 0);
  std::vector<Scored> result;
  best.finish(result);
  return result;
}

}  // namespace rec
