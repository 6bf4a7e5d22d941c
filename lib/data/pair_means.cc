#include "data/pair_means.h"

namespace rec {

Csr csr_of_means(const Interactions& data) {
  Csr sums = csr_by_user(data, data.value);
  const Csr counts = csr_by_user(data, std::vector<float>(data.size(), 1.0f));
  for (size_t at = 0; at < sums.entries(); ++at) sums.weight[at] /= counts.weight[at];
  return sums;
}

}  // namespace rec
