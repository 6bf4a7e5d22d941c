#include "metrics/holm.h"

#include <algorithm>
#include <cmath>

namespace rec {

std::vector<double> holm(std::span<const double> p) {
  std::vector<size_t> order;
  for (size_t test = 0; test < p.size(); ++test) {
    if (!std::isnan(p[test])) order.push_back(test);
  }
  std::stable_sort(order.begin(), order.end(), [p](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.begin(), p.end());
  double least = 0.0;
  for (size_t place = 0; place < order.size(); ++place) {
    least = std::max(least, std::min(1.0, static_cast<double>(order.size() - place) * p[order[place]]));
    adjusted[order[place]] = least;
  }
  return adjusted;
}

}  // namespace rec
