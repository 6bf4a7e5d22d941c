#include "models/sgd/gradient_step.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace rec {
namespace {

std::span<const float> values_of(const Artefact& state, const std::string& name) {
  const Artefact::Tensor* tensor = state.find(name);
  if (tensor == nullptr) return {};
  return {tensor->floats(), tensor->rows() * tensor->cols()};
}

}  // namespace

void GradientStep::run(const std::vector<ParameterBlock>& blocks, double rate, double clip, ThreadPool& thread_pool) {
  struct Task {
    const ParameterBlock* block;
    size_t first, count;
    size_t at;  // in whole_
  };
  std::vector<Task> tasks;
  size_t most = 0;
  size_t all = 0;
  for (const ParameterBlock& block : blocks) {
    for (size_t first = 0; first < block.size; first += block.per_task) {
      tasks.push_back({&block, first, std::min(block.per_task, block.size - first), all});
      most = std::max(most, tasks.back().count);
      all += tasks.back().count;
    }
    block.optimizer->begin_step(rate);
  }
  const auto move = [&](const Task& task, const float* gradient, float scale) {
    task.block->optimizer->update(task.block->values + task.first, gradient, task.first, task.count, scale);
  };
  if (clip <= 0) {
    range_.resize(static_cast<size_t>(thread_pool.threads()));
    for (AlignedBuffer<float>& range : range_) range.resize(most);
    thread_pool.run(tasks.size(), [&](size_t number, int worker) {
      const Task& task = tasks[number];
      float* gradient = range_[static_cast<size_t>(worker)].data();
      task.block->gradient(task.first, task.count, gradient, worker);
      move(task, gradient, 1.0f);
    });
    return;
  }
  whole_.resize(all);
  std::vector<double> squares(tasks.size());
  thread_pool.run(tasks.size(), [&](size_t number, int worker) {
    const Task& task = tasks[number];
    float* gradient = whole_.data() + task.at;
    task.block->gradient(task.first, task.count, gradient, worker);
    for (size_t i = 0; i < task.count; ++i)
      squares[number] += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
  });
  double norm = 0.0;
  for (const double square : squares) norm += square;
  norm = std::sqrt(norm);
  const float scale = norm > clip ? static_cast<float>(clip / norm) : 1.0f;
  thread_pool.run(tasks.size(),
                  [&](size_t number, int) { move(tasks[number], whole_.data() + tasks[number].at, scale); });
}

void add_moments(const std::string& name, const Optimizer& optimizer, size_t cols, Artefact& state) {
  for (const auto& [suffix, moment] :
       {std::pair{".moment1", optimizer.first_moment()}, std::pair{".moment2", optimizer.second_moment()}}) {
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
