#include "metrics/ndcg.h"

#include <array>
#include <cmath>

namespace rec {
namespace {

// log2(position + 2). Nearly all hits stand early, and log2 would be most of
// the cost of the metric.
double discount(size_t position) {
  static const auto kTable = [] {
    std::array<double, 1024> table{};
    for (size_t at = 0; at < table.size(); ++at) table[at] = std::log2(static_cast<double>(at) + 2.0);
    return table;
  }();
  return position < kTable.size() ? kTable[position] : std::log2(static_cast<double>(position) + 2.0);
}

// The DCG of a list whose places are certain, and its mean over the orders of ties.
template <class Gain>
double dcg_of_hits(const RankedList& list, uint32_t k, Gain&& gain_of) {
  double sum = 0.0;
  for (const Hit& hit : list.hits) {
    if (hit.position >= k) break;
    sum += gain_of(hit.gain) / discount(hit.position);
  }
  return sum;
}

template <class Gain>
double dcg_of_ties(const RankedList& list, uint32_t k, Gain&& gain_of) {
  double sum = 0.0;
  for_each_tie(list, [&](uint32_t first, uint32_t size, std::span<const Hit> hits) {
    double gain = 0.0;
    for (const Hit& hit : hits) gain += gain_of(hit.gain);
    const uint32_t within = places_within(first, size, k);
    for (uint32_t place = 0; place < within; ++place) sum += gain / size / discount(size_t{first} + place);
  });
  return sum;
}

template <class Gain>
double normalised(const RankedList& list, uint32_t k, bool ties, Gain&& gain_of) {
  const double sum = ties ? dcg_of_ties(list, k, gain_of) : dcg_of_hits(list, k, gain_of);
  if (sum == 0.0) return 0.0;
  double ideal = 0.0;
  const size_t places = std::min<size_t>(k, list.ideal.size());
  for (size_t place = 0; place < places; ++place) ideal += gain_of(list.ideal[place]) / discount(place);
  return sum / ideal;
}

double linear(const RankedList& list, uint32_t k, bool ties) {
  return normalised(list, k, ties, [](double gain) { return gain; });
}

double exponential(const RankedList& list, uint32_t k, bool ties) {
  // Gains above 1000 would overflow; dividing all of them by 2^largest changes
  // no ratio and keeps every term finite.
  const double largest = list.ideal.front();
  const double unit = largest > 500.0 ? std::exp2(-largest) : 1.0;
  const double shift = largest > 500.0 ? largest : 0.0;
  return normalised(list, k, ties, [=](double gain) { return std::exp2(gain - shift) - unit; });
}

}  // namespace

double ndcg(const RankedList& list, uint32_t k) { return linear(list, k, false); }
double ndcg_exp(const RankedList& list, uint32_t k) { return exponential(list, k, false); }
double expected_ndcg(const RankedList& list, uint32_t k) { return linear(list, k, true); }
double expected_ndcg_exp(const RankedList& list, uint32_t k) { return exponential(list, k, true); }

}  // namespace rec
