#include "metrics/expected.h"

namespace rec {
namespace {

double hits_expected(const RankedList& list, uint32_t k) {
  double sum = 0.0;
  for_each_tie(list, [&](uint32_t first, uint32_t size, std::span<const Hit> hits) {
    const uint32_t within = places_within(first, size, k);
    sum += within == size ? static_cast<double>(hits.size())
                          : static_cast<double>(hits.size()) * within / static_cast<double>(size);
  });
  return sum;
}

double ratio(double hits, size_t places) { return places == 0 ? 0.0 : hits / static_cast<double>(places); }

double sum_of_expected_precisions(const RankedList& list, uint32_t k) {
  double sum = 0.0;
  double before = 0.0;
  for_each_tie(list, [&](uint32_t first, uint32_t size, std::span<const Hit> hits) {
    const auto found = static_cast<double>(hits.size());
    const double others = size > 1 ? (found - 1.0) / (static_cast<double>(size) - 1.0) : 0.0;
    const uint32_t within = places_within(first, size, k);
    for (uint32_t place = 0; place < within; ++place) {
      sum += found / size * (before + 1.0 + place * others) / (static_cast<double>(first) + place + 1.0);
    }
    before += found;
  });
  return sum;
}

}  // namespace

double expected_precision(const RankedList& list, uint32_t k) { return ratio(hits_expected(list, k), depth(list, k)); }

double expected_recall(const RankedList& list, uint32_t k) { return ratio(hits_expected(list, k), list.ideal.size()); }

double expected_recall_min(const RankedList& list, uint32_t k) {
  return ratio(hits_expected(list, k), std::min<size_t>(depth(list, k), list.ideal.size()));
}

double expected_f1(const RankedList& list, uint32_t k) {
  return ratio(2.0 * hits_expected(list, k), depth(list, k) + list.ideal.size());
}

double expected_rprec(const RankedList& list, uint32_t) {
  const size_t relevant = list.ideal.size();
  return ratio(hits_expected(list, static_cast<uint32_t>(std::min<size_t>(relevant, kWholeList))), relevant);
}

double expected_hit(const RankedList& list, uint32_t k) {
  double none = 1.0;
  for_each_tie(list, [&](uint32_t first, uint32_t size, std::span<const Hit> hits) {
    // None of the hits at one of the first `within` places: they are put one by one.
    const double within = places_within(first, size, k);
    for (size_t at = 0; at < hits.size(); ++at) {
      const double free = static_cast<double>(size) - static_cast<double>(at);
      none *= std::max(0.0, free - within) / free;
    }
  });
  return 1.0 - none;
}

double expected_reciprocal_rank(const RankedList& list, uint32_t k) {
  double sum = 0.0;
  bool found = false;
  for_each_tie(list, [&](uint32_t first, uint32_t size, std::span<const Hit> hits) {
    if (found) return;
    found = true;
    double none_yet = 1.0;
    const uint32_t within = places_within(first, size, k);
    for (uint32_t place = 0; place < within && none_yet > 0.0; ++place) {
      const double here = std::min(1.0, static_cast<double>(hits.size()) / static_cast<double>(size - place));
      sum += none_yet * here / (static_cast<double>(first) + place + 1.0);
      none_yet *= 1.0 - here;
    }
  });
  return sum;
}

double expected_average_precision(const RankedList& list, uint32_t k) {
  return sum_of_expected_precisions(list, k) / static_cast<double>(list.ideal.size());
}

double expected_average_precision_min(const RankedList& list, uint32_t k) {
  return ratio(sum_of_expected_precisions(list, k), std::min<size_t>(depth(list, k), list.ideal.size()));
}

}  // namespace rec
