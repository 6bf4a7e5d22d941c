#include "metrics/judged.h"

#include <cmath>

namespace rec {
namespace {

// Calls hit(position, judged_above, pooled_above) for every hit: how many items that
// were judged not relevant, and how many of the pool that were not judged, stand above.
template <class Visit>
void for_each_hit(const RankedList& list, Visit&& visit) {
  size_t at = 0;
  size_t judged = 0;
  size_t pooled = 0;
  for (const Hit& hit : list.hits) {
    for (; at < list.misses.size() && list.misses[at].position < hit.position; ++at)
      ++(list.misses[at].judged ? judged : pooled);
    visit(hit.position, judged, pooled);
  }
}

size_t judged_misses_within(const RankedList& list, uint32_t k) {
  size_t count = 0;
  for (const Miss& miss : list.misses) count += miss.judged && miss.position < k ? 1 : 0;
  return count;
}

double share(size_t part, uint32_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double bpref(const RankedList& list, uint32_t) {
  const size_t relevant = list.ideal.size();
  if (relevant == 0) return 0.0;
  const auto bound = static_cast<double>(std::min<size_t>(list.nonrelevant, relevant));
  double sum = 0.0;
  for_each_hit(list, [&](uint32_t, size_t judged, size_t) {
    sum += judged > 0 ? 1.0 - static_cast<double>(std::min(judged, relevant)) / bound : 1.0;
  });
  return sum / static_cast<double>(relevant);
}

double log_bpref(const RankedList& list, uint32_t k) { return std::log(std::max(bpref(list, k), kLeastOfGeometric)); }

double inf_ap(const RankedList& list, uint32_t) {
  if (list.ideal.empty()) return 0.0;
  constexpr double kEpsilon = 1e-5;
  double hits = 0.0;  // above
  double sum = 0.0;
  for_each_hit(list, [&](uint32_t position, size_t judged, size_t pooled) {
    const auto above = static_cast<double>(position);
    const auto misses = static_cast<double>(judged);
    sum += position == 0
               ? 1.0
               : 1.0 / (above + 1.0) + above / (above + 1.0) * ((hits + misses + static_cast<double>(pooled)) / above) *
                                           ((hits + kEpsilon) / (hits + misses + 2.0 * kEpsilon));
    hits += 1.0;
  });
  return sum / static_cast<double>(list.ideal.size());
}

double judged_share(const RankedList& list, uint32_t k) {
  return share(hits_within(list, k) + judged_misses_within(list, k), depth(list, k));
}

double unjudged_share(const RankedList& list, uint32_t k) {
  const size_t listed = std::min(list.length, k);
  return share(listed - hits_within(list, k) - judged_misses_within(list, k), depth(list, k));
}

double nonrelevant_listed(const RankedList& list, uint32_t) {
  return static_cast<double>(judged_misses_within(list, kWholeList));
}

double rbp_residual(const RankedList& list, uint32_t percent) {
  const double p = percent / 100.0;
  const size_t judged = list.hits.size() + judged_misses_within(list, kWholeList);
  if (judged == list.length) return 0.0;
  const double tail = std::pow(p, list.length);
  double sum = (1.0 - tail) / (1.0 - p);
  for (const Hit& hit : list.hits) sum -= std::pow(p, hit.position);
  for (const Miss& miss : list.misses) sum -= miss.judged ? std::pow(p, miss.position) : 0.0;
  return tail + (1.0 - p) * sum;
}

}  // namespace rec
