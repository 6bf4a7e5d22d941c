#include "models/sgd/parameter.h"

#include "base/rng.h"

namespace rec {

void fill_normal(float* x, size_t n, double deviation, uint64_t seed, uint64_t stream) {
  Rng rng(seed, stream);
  for (size_t i = 0; i < n; ++i) x[i] = static_cast<float>(rng.normal(deviation));
}

}  // namespace rec
