#include "metrics/hits.h"

namespace rec {
namespace {

// 0/0 is a user without a list, and counts as 0.
double ratio(size_t hits, size_t places) {
  return places == 0 ? 0.0 : static_cast<double>(hits) / static_cast<double>(places);
}

}  // namespace

double precision(const RankedList& list, uint32_t k) { return ratio(hits_within(list, k), depth(list, k)); }

double recall(const RankedList& list, uint32_t k) { return ratio(hits_within(list, k), list.ideal.size()); }

double recall_min(const RankedList& list, uint32_t k) {
  return ratio(hits_within(list, k), std::min<size_t>(depth(list, k), list.ideal.size()));
}

double hit(const RankedList& list, uint32_t k) { return hits_within(list, k) > 0 ? 1.0 : 0.0; }

double f1(const RankedList& list, uint32_t k) {
  return ratio(2 * hits_within(list, k), depth(list, k) + list.ideal.size());
}

double rprec(const RankedList& list, uint32_t) {
  const size_t relevant = list.ideal.size();
  const auto cut = static_cast<uint32_t>(std::min<size_t>(relevant, kWholeList));
  return ratio(hits_within(list, cut), relevant);
}

}  // namespace rec
