#include "models/als/als_start.h"

#include <cmath>
#include <random>

namespace rec {

Matrix als_start(size_t items, const AlsOptions& options, const std::function<bool(size_t)>& has_pairs) {
  std::mt19937_64 random(options.seed);
  std::normal_distribution<double> normal(0.0, options.stddev / std::sqrt(static_cast<double>(options.dim)));
  Matrix start(items, static_cast<size_t>(options.dim));
  for (size_t item = 0; item < items; ++item) {
    if (has_pairs && !has_pairs(item)) continue;
    for (size_t f = 0; f < start.cols(); ++f) start(item, f) = static_cast<float>(normal(random));
  }
  return start;
}

}  // namespace rec
