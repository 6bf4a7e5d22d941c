#include "metrics/reciprocal_rank.h"

namespace rec {

double reciprocal_rank(const RankedList& list, uint32_t k) {
  if (list.hits.empty() || list.hits.front().position >= k) return 0.0;
  return 1.0 / (static_cast<double>(list.hits.front().position) + 1.0);
}

}  // namespace rec
