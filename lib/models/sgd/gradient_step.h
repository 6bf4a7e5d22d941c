// One step of several optimisers together. The same bits for every number of threads.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/parallel_for.h"
#include "data/artefact.h"
#include "linalg/optimizer.h"

namespace rec {

struct ParameterBlock {
  Optimizer* optimizer;
  float* values;
  size_t size;
  size_t per_task;  // parameters that a thread takes at a time, and sums squares of
  // Sets to[0..count) to the gradient of the parameters first..first+count. Called once
  // for each range, by several threads at a time; it reads no block's values, since
  // other ranges may have been moved.
  std::function<void(size_t first, size_t count, float* to, int worker)> gradient;
};

class GradientStep {
 public:
  // Moves all blocks by their gradients, scaled down to the norm `clip` of all. With no
  // clip (0) a range moves at once, and no gradient is ever held as a whole.
  void run(const std::vector<ParameterBlock>& blocks, double rate, double clip, ThreadPool& thread_pool);

 private:
  std::vector<AlignedBuffer<float>> range_;  // of each thread, with no clip
  AlignedBuffer<float> whole_;               // of all blocks, one behind the other
};

// What an optimiser remembers, in a checkpoint: the tensors NAME.moment1 and
// NAME.moment2, `cols` values a row, where its kind has them.
void add_moments(const std::string& name, const Optimizer& optimizer, size_t cols, Artefact& state);
// Throws Error where they are not those of `optimizer`. step: of the checkpoint.
void restore_moments(const std::string& name, uint64_t step, const Artefact& state, Optimizer& optimizer);
// A tensor of a checkpoint into n values. Throws Error where it has another number.
void copy_tensor(const Artefact& state, const std::string& name, size_t n, float* to);

}  // namespace rec
