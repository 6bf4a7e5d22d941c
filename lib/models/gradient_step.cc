#include "models/gradient_step.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel_for.h"

namespace rec {
namespace {

std::span<const float> values_of(const Artefact& state, const std::string& name) {
  const Artefact::Tensor* tensor = state.find(name);
  if (tensor == nullptr) return {};
  return {tensor->data, tensor->rows() * tensor->cols()};
}

}  // namespace

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

void add_moments(const std::string& name, const Optimizer& optimizer, size_t cols, Artefact& state) {
  for (const auto& [suffix, moment] : {std::pair{".moment1", optimizer.first_moment()}, std::pair{".moment2", optimizer.second_moment()}}) {
    if (!moment.empty()) state.add(name + suffix, ConstMatrixView{moment.data(), moment.size() / cols, cols, cols});
  }
}

void restore_moments(const std::string& name, uint64_t step, const Artefact& state, Optimizer& optimizer) {
  optimizer.restore(step, values_of(state, name + ".moment1"), values_of(state, name + ".moment2"));
}

void copy_tensor(const Artefact& state, const std::string& name, size_t n, float* to) {
  const std::span<const float> from = values_of(state, name);
  if (from.size() != n) fail("checkpoint: tensor \"{}\" has {} values, expected {}", name, from.size(), n);
  std::copy(from.begin(), from.end(), to);
}

}  // namespace rec
