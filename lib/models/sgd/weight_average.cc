#include "models/sgd/weight_average.h"

#include <algorithm>
#include <cmath>

namespace rec {

void move_average(double keep, uint64_t epoch, const float* now, size_t n, float* average) {
  if (epoch <= 1) {
    std::copy_n(now, n, average);
    return;
  }
  const auto step = static_cast<float>((1.0 - keep) / (1.0 - std::pow(keep, static_cast<double>(epoch))));
  for (size_t i = 0; i < n; ++i) average[i] += step * (now[i] - average[i]);
}

}  // namespace rec
