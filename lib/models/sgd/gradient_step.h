// One step of several optimisers together. The same bits for every number of threads; by
// one thread at a time.
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
  size_t per_task = 4096;  // parameters that a thread takes at a time; their squares are summed apart
  // Sets to[0..count) to the gradient of the parameters first..first+count. Called once for
  // each range, by several threads at a time. It must not read the values of any block:
  // other ranges may have been moved already.
  std::function<void(size_t first, size_t count, float* to, int worker)> gradient;
};

class GradientStep {
 public:
  // Moves all blocks by their gradients. Where the norm of all gradients together is above
  // `clip`, they are scaled down to it. Without a clip (0) a range moves as soon as its
  // gradient is known, and no gradient is held as a whole.
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
