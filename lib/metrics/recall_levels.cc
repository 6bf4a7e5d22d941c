#include "metrics/recall_levels.h"

#include <cmath>

namespace rec {

double interpolated_precision(const RankedList& list, uint32_t percent) {
  const auto level = static_cast<size_t>(std::lround(percent / 100.0 * static_cast<double>(list.ideal.size())));
  if (list.ideal.empty() || level > list.hits.size()) return 0.0;
  double best = 0.0;
  for (size_t hit = level == 0 ? 0 : level - 1; hit < list.hits.size(); ++hit) {
    best = std::max(best, (static_cast<double>(hit) + 1.0) / (static_cast<double>(list.hits[hit].position) + 1.0));
  }
  return best;
}

double eleven_point_average(const RankedList& list, uint32_t) {
  double sum = 0.0;
  for (uint32_t percent = 0; percent <= 100; percent += 10) sum += interpolated_precision(list, percent);
  return sum / 11.0;
}

double precision_at_multiple(const RankedList& list, uint32_t percent) {
  const auto places = static_cast<uint32_t>(percent / 100.0 * static_cast<double>(list.ideal.size()) + 0.9);
  return places == 0 ? 0.0 : static_cast<double>(hits_within(list, places)) / static_cast<double>(places);
}

}  // namespace rec
