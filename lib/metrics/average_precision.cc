#include "metrics/average_precision.h"

#include <cmath>

namespace rec {
namespace {

double sum_of_precisions(const RankedList& list, uint32_t k) {
  double sum = 0.0;
  double found = 0.0;
  for (const Hit& hit : list.hits) {
    if (hit.position >= k) break;
    found += 1.0;
    sum += found / (static_cast<double>(hit.position) + 1.0);
  }
  return sum;
}

}  // namespace

double average_precision(const RankedList& list, uint32_t k) {
  return sum_of_precisions(list, k) / static_cast<double>(list.ideal.size());
}

double log_average_precision(const RankedList& list, uint32_t k) {
  const double value = list.ideal.empty() ? 0.0 : average_precision(list, k);
  return std::log(std::max(value, kLeastOfGeometric));
}

double average_precision_min(const RankedList& list, uint32_t k) {
  const size_t places = std::min<size_t>(depth(list, k), list.ideal.size());
  return places == 0 ? 0.0 : sum_of_precisions(list, k) / static_cast<double>(places);
}

}  // namespace rec
