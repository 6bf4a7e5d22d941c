#include "models/popularity.h"

#include <cmath>

namespace rec {

std::vector<float> item_counts(const Csr& by_user, size_t items) {
  std::vector<uint32_t> counts(items, 0);
  for (const uint32_t item : by_user.index) ++counts[item];
  return {counts.begin(), counts.end()};
}

std::vector<float> popularity_scores(const float* counts, size_t items) {
  std::vector<float> scores(items);
  for (size_t item = 0; item < items; ++item) scores[item] = static_cast<float>(std::log1p(static_cast<double>(counts[item])));
  return scores;
}

Artefact fit_popularity(const Interactions& data, const Csr& by_user) {
  Artefact artefact;
  artefact.items = data.items;
  artefact.meta["model"] = "pop";
  artefact.meta["encoder"] = "constant";
  artefact.meta["attention"] = "dot";
  artefact.meta["predictor"] = "dot";
  const std::vector<float> counts = item_counts(by_user, data.items.size());
  const std::vector<float> scores = popularity_scores(counts.data(), counts.size());
  artefact.add("items.factors", ConstMatrixView{scores.data(), scores.size(), 1, 1});
  artefact.add(kItemCounts, counts);
  return artefact;
}

bool ConstantEncoder::encode_user(uint32_t, Behaviour& h) const {
  h.dense.assign(1, 1.0f);
  return true;
}

bool ConstantEncoder::encode_history(const History&, Behaviour& h) const {
  h.dense.assign(1, 1.0f);
  return true;
}

}  // namespace rec
