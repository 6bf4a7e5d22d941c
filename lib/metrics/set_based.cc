#include "metrics/set_based.h"

namespace rec {

double set_map(const RankedList& list, uint32_t) {
  if (list.length == 0 || list.ideal.empty()) return 0.0;
  const double hits = relevant_listed(list, kWholeList);
  return hits * hits / (static_cast<double>(list.length) * static_cast<double>(list.ideal.size()));
}

double utility(const RankedList& list, uint32_t) {
  return 2.0 * relevant_listed(list, kWholeList) - static_cast<double>(list.length);
}

double listed(const RankedList& list, uint32_t) { return static_cast<double>(list.length); }

double relevant(const RankedList& list, uint32_t) { return static_cast<double>(list.ideal.size()); }

double relevant_listed(const RankedList& list, uint32_t) { return static_cast<double>(list.hits.size()); }

}  // namespace rec
