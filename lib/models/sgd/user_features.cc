#include "models/sgd/user_features.h"

#include <algorithm>

#include "linalg/dot.h"

namespace rec {

void UserFeatures::sum_of(uint32_t user, const float* folded, float* to) const {
  std::fill_n(to, dim_, 0.0f);
  add_sum(user, folded, to);
}

void UserFeatures::back(const std::vector<uint32_t>& users, const float* d_sums, const float* d_starts,
                        ThreadPool& thread_pool) {
  std::fill_n(start_gradient(), dim_, 0.0f);
  for (size_t sequence = 0; sequence < users.size(); ++sequence)
    axpy(1.0f, d_starts + sequence * dim_, dim_, start_gradient());
  const SparseView rows = features_.rows.view();
  terms_.build(categories_, [&](auto add) {
    for (uint32_t sequence = 0; sequence < users.size(); ++sequence) {
      const uint32_t user = users[sequence];
      for (uint64_t at = rows.begin[user]; at < rows.begin[user + 1]; ++at)
        add(rows.index[at], sequence, weight_at(rows.weight, at));
    }
  });
  FeatureVectors::back(thread_pool, [&](size_t c, float* to) {
    std::fill_n(to, dim_, 0.0f);
    terms_.add_to(static_cast<uint32_t>(c), d_sums, dim_, to);
  });
}

size_t UserFeatures::memory(const SideFeatures& features, size_t sequences, size_t dim) {
  return FeatureVectors::memory(features, dim) + 2 * features.rows.entries() + 3 * sequences * dim;
}

}  // namespace rec
