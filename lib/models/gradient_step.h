// One step of several optimisers together. The same bits for every number of threads.
#pragma once

#include <cstddef>
#include <vector>

#include "linalg/optimizer.h"

namespace rec {

struct ParameterBlock {
  Optimizer* optimizer;
  float* values;
  const float* gradient;
  size_t size;
  size_t per_task;  // parameters that a thread takes at a time, and sums squares of
};

// Moves all blocks by their gradients, scaled down to the norm `clip` (0: any) of all.
void gradient_step(const std::vector<ParameterBlock>& blocks, double rate, double clip, int threads);

}  // namespace rec
