#include "models/common/popularity.h"

#include <algorithm>
#include <cmath>

#include "base/counting_sort.h"

namespace rec {

std::vector<float> item_counts(const Csr& by_user, size_t items, int threads) {
  const CountingSort sort(by_user.entries(), items, threads, [&](size_t at) { return by_user.index[at]; });
  std::vector<float> counts(items);
  for (size_t item = 0; item < items; ++item)
    counts[item] = static_cast<float>(sort.begin()[item + 1] - sort.begin()[item]);
  return counts;
}

std::vector<float> user_counts(const Csr& by_user) {
  std::vector<float> counts(by_user.rows());
  for (size_t user = 0; user < counts.size(); ++user) counts[user] = static_cast<float>(by_user.row_size(user));
  return counts;
}

std::vector<float> item_counts(const Interactions& data, const Csr& by_user, const std::vector<float>& row_weight) {
  std::vector<float> pairs(by_user.entries(), 0.0f);
  for (size_t row = 0; row < data.size(); ++row) {
    const auto first = by_user.index.begin() + static_cast<std::ptrdiff_t>(by_user.begin[data.user[row]]);
    const auto last = by_user.index.begin() + static_cast<std::ptrdiff_t>(by_user.begin[data.user[row] + 1]);
    float& pair = pairs[static_cast<size_t>(std::lower_bound(first, last, data.item[row]) - by_user.index.begin())];
    pair = std::max(pair, row_weight[row]);
  }
  std::vector<double> counts(data.items.size(), 0.0);
  for (size_t pair = 0; pair < pairs.size(); ++pair) counts[by_user.index[pair]] += static_cast<double>(pairs[pair]);
  return {counts.begin(), counts.end()};
}

std::vector<float> popularity_scores(const float* counts, size_t items) {
  std::vector<float> scores(items);
  for (size_t item = 0; item < items; ++item)
    scores[item] = static_cast<float>(std::log1p(static_cast<double>(counts[item])));
  return scores;
}

Artefact fit_popularity(const Interactions& data, const std::vector<float>& counts) {
  Artefact artefact;
  artefact.items = data.items;
  artefact.meta["model"] = "pop";
  artefact.meta["encoder"] = "constant";
  artefact.meta["attention"] = "dot";
  artefact.meta["predictor"] = "dot";
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
