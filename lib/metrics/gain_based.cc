#include "metrics/gain_based.h"

#include <cmath>

namespace rec {
namespace {

double discounted(double gain, size_t position) { return gain / std::log2(static_cast<double>(position) + 2.0); }

}  // namespace

double rank_biased_precision(const RankedList& list, uint32_t percent) {
  if (list.ideal.empty()) return 0.0;
  const double p = percent / 100.0;
  const double unit = std::max(1.0, list.ideal.front());
  double sum = 0.0;
  for (const Hit& hit : list.hits) sum += hit.gain / unit * std::pow(p, hit.position);
  return (1.0 - p) * sum;
}

double expected_reciprocal_rank_graded(const RankedList& list, uint32_t k) {
  double sum = 0.0;
  double goes_on = 1.0;
  for (const Hit& hit : list.hits) {
    if (hit.position >= k) break;
    // (2^gain - 1) / 2^m without the powers, which may be beyond any double.
    const double stops = std::exp2(hit.gain - list.top_gain) - std::exp2(-list.top_gain);
    sum += goes_on * stops / (static_cast<double>(hit.position) + 1.0);
    goes_on *= 1.0 - stops;
  }
  return sum;
}

double binary_g(const RankedList& list, uint32_t) {
  if (list.ideal.empty()) return 0.0;
  double sum = 0.0;
  for (size_t hit = 0; hit < list.hits.size(); ++hit) {
    sum += 1.0 / std::log2(2.0 + static_cast<double>(list.hits[hit].position) - static_cast<double>(hit));
  }
  return sum / static_cast<double>(list.ideal.size());
}

double graded_g(const RankedList& list, uint32_t) {
  if (list.ideal.empty()) return 0.0;
  double total = 0.0;
  for (const double gain : list.ideal) total += gain;
  double cost = 0.0;
  double gains = 0.0;
  double sum = 0.0;
  size_t place = 0;  // the next that has no cost yet
  for (const Hit& hit : list.hits) {
    for (; place <= hit.position && place < list.ideal.size(); ++place) cost += std::max(1.0, list.ideal[place]);
    if (place <= hit.position) {
      cost += static_cast<double>(hit.position + size_t{1} - place);
      place = hit.position + size_t{1};
    }
    gains += hit.gain;
    sum += hit.gain / std::log2(2.0 + cost - gains);
  }
  return sum / total;
}

double ndcg_at_relevant(const RankedList& list, uint32_t) {
  if (list.ideal.empty()) return 0.0;
  double dcg = 0.0;
  double ideal = 0.0;
  double sum = 0.0;
  size_t place = 0;
  for (const Hit& hit : list.hits) {
    for (; place <= hit.position && place < list.ideal.size(); ++place) ideal += discounted(list.ideal[place], place);
    dcg += discounted(hit.gain, hit.position);
    sum += dcg / ideal;
  }
  for (; place < list.ideal.size(); ++place) ideal += discounted(list.ideal[place], place);
  sum += static_cast<double>(list.ideal.size() - list.hits.size()) * dcg / ideal;
  return sum / static_cast<double>(list.ideal.size());
}

double ndcg_at_levels(const RankedList& list, uint32_t) {
  if (list.ideal.empty()) return 0.0;
  double dcg = 0.0;
  double ideal = 0.0;
  double sum = 0.0;
  double levels = 0.0;
  size_t hit = 0;
  const auto dcg_before = [&](size_t place) {
    for (; hit < list.hits.size() && list.hits[hit].position < place; ++hit)
      dcg += discounted(list.hits[hit].gain, list.hits[hit].position);
    return dcg;
  };
  for (size_t place = 1; place <= list.ideal.size(); ++place) {
    ideal += discounted(list.ideal[place - 1], place - 1);
    const double next = place < list.ideal.size() ? list.ideal[place] : 0.0;
    if (next == list.ideal[place - 1]) continue;
    sum += dcg_before(place) / ideal;
    levels += 1.0;
  }
  if (list.length > list.ideal.size() + 1) {
    sum += dcg_before(list.length) / ideal;
    levels += 1.0;
  }
  return sum / levels;
}

}  // namespace rec
