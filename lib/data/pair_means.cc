#include "data/pair_means.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace rec {

Csr csr_of_means(const Interactions& data) {
  std::vector<float> weight(data.size(), 1.0f);
  Csr sums;
  if (data.weight.empty()) {
    sums = csr_by_user(data, data.value);
  } else {
    weight.assign(data.weight.begin(), data.weight.end());
    std::vector<float> weighed(weight);
    for (size_t row = 0; row < data.size(); ++row) weighed[row] *= data.value[row];
    sums = csr_by_user(data, weighed);
  }
  const Csr counts = csr_by_user(data, weight);
  for (size_t at = 0; at < sums.entries(); ++at) sums.weight[at] /= counts.weight[at];
  return sums;
}

std::vector<float> pair_weights(const Interactions& data, int threads) {
  if (data.weight.empty()) return {};
  Csr sums = csr_by_user(data, data.weight, PairWeight::kSum, threads);
  const Csr counts = csr_by_user(data, std::vector<float>(data.size(), 1.0f), PairWeight::kSum, threads);
  std::transform(sums.weight.begin(), sums.weight.end(), counts.weight.begin(), sums.weight.begin(), std::divides<>());
  return std::move(sums.weight);
}

Csr times_roots(Csr by_user, const std::vector<float>& weights) {
  by_user.weight.resize(by_user.entries(), 1.0f);
  for (size_t at = 0; at < weights.size(); ++at) by_user.weight[at] *= std::sqrt(weights[at]);
  return by_user;
}

}  // namespace rec
