#include "models/gradient_step.h"

#include <algorithm>
#include <cmath>

#include "base/parallel_for.h"

namespace rec {

void gradient_step(const std::vector<ParameterBlock>& blocks, double rate, double clip, int threads) {
  struct Task {
    const ParameterBlock* block;
    size_t first, count;
  };
  std::vector<Task> tasks;
  for (const ParameterBlock& block : blocks) {
    for (size_t first = 0; first < block.size; first += block.per_task) tasks.push_back({&block, first, std::min(block.per_task, block.size - first)});
  }
  float scale = 1.0f;
  if (clip > 0) {
    std::vector<double> squares(tasks.size());
    parallel_for(tasks.size(), threads, [&](size_t task, int) {
      const float* gradient = tasks[task].block->gradient + tasks[task].first;
      double sum = 0.0;
      for (size_t i = 0; i < tasks[task].count; ++i) sum += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
      squares[task] = sum;
    });
    double norm = 0.0;
    for (const double square : squares) norm += square;
    norm = std::sqrt(norm);
    if (norm > clip) scale = static_cast<float>(clip / norm);
  }
  for (const ParameterBlock& block : blocks) block.optimizer->begin_step(rate);
  parallel_for(tasks.size(), threads, [&](size_t task, int) {
    const auto& [block, first, count] = tasks[task];
    block->optimizer->update(block->values + first, block->gradient + first, first, count, scale);
  });
}

}  // namespace rec
