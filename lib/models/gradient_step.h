// One step of several optimisers together. The same bits for every number of threads.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/artefact.h"
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

// What an optimiser remembers, in a checkpoint: the tensors NAME.moment1 and
// NAME.moment2, `cols` values a row, where its kind has them.
void add_moments(const std::string& name, const Optimizer& optimizer, size_t cols, Artefact& state);
// Throws Error where they are not those of `optimizer`. step: of the checkpoint.
void restore_moments(const std::string& name, uint64_t step, const Artefact& state, Optimizer& optimizer);
// A tensor of a checkpoint into n values. Throws Error where it has another number.
void copy_tensor(const Artefact& state, const std::string& name, size_t n, float* to);

}  // namespace rec
