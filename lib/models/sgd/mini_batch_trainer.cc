#include "models/sgd/mini_batch_trainer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace rec {

MiniBatchTrainer::MiniBatchTrainer(const Interactions& data, const BatchOptions& batch_options,
                                   const SequenceLearningOptions& options, size_t parameters, int threads)
    : thread_pool(threads),
      batches(data, batch_options),
      micro_batch_tokens_(micro_batch_tokens(options.loss)),
      group_tokens_(group_tokens(options.loss)),
      seed_(options.seed),
      epochs_(static_cast<uint64_t>(options.epochs)),
      parameters_(parameters),
      truncation_(options.truncation) {}

void MiniBatchTrainer::epoch() {
  const SequenceBatches::Epoch pass = batches.epoch(epochs_done + 1);
  total_steps = epochs_ * pass.batches();
  mean_loss_ = 0.0;
  predicted_ = 0;
  for (size_t number = 0; number < pass.batches(); ++number) run_batch(pass, number);
  mean_loss_ /= static_cast<double>(std::max<uint64_t>(1, predicted_));
  ++epochs_done;
}

double MiniBatchTrainer::run_groups(size_t number, size_t used) {
  std::array<double, kGroups> loss{};
  thread_pool.run(used, [&](size_t group, int worker) {
    gradient[group].assign(parameters_, 0.0f);
    begin_group(group);
    const size_t end = micro_batches.size() * (group + 1) / used;
    for (size_t at = micro_batches.size() * group / used; at < end; ++at)
      loss[group] += run_micro_batch(number, at, group, worker);
  });
  double sum = 0.0;
  for (size_t group = 0; group < used; ++group) sum += loss[group];
  return sum;
}

void MiniBatchTrainer::run_batch(const SequenceBatches::Epoch& pass, size_t number) {
  const size_t tokens = pass.tokens(number);
  size_t groups = std::clamp<size_t>(tokens / group_tokens_, 1, kGroups);
  if (groups > 1) groups -= groups % (groups < 4 ? 2 : 4);  // whole rounds for 2 and 4 threads
  const size_t rounds = (tokens + groups * micro_batch_tokens_ - 1) / (groups * micro_batch_tokens_);
  micro_batches = pass.batch(number, rounds * groups, thread_pool);
  const size_t predictions = begin_batch(number);
  if (predictions == 0) return;
  const size_t used = std::min(groups, micro_batches.size());
  const double passed =
      static_cast<double>(epochs_done) + static_cast<double>(number) / static_cast<double>(pass.batches());
  if (const size_t dropped = truncation_.count(predictions, passed); dropped > 0) {
    measured.resize(predictions);
    measuring = true;
    run_groups(number, used);
    measuring = false;
    leave_out(largest_losses(measured, dropped));
  }
  const double sum = run_groups(number, used);
  if (!std::isfinite(sum)) {
    fail(
        "the loss is no longer finite in epoch {}, batch {}: a lower --learning-rate, a --warmup or --clip-norm may "
        "help",
        epochs_done + 1, number + 1);
  }
  mean_loss_ += sum;
  predicted_ += predictions;
  end_batch(used);
}

void MiniBatchTrainer::add_groups(const OfGroups& buffers, size_t used, size_t first, size_t count, float* to) {
  std::copy_n(buffers[0].data() + first, count, to);
  for (size_t group = 1; group < used; ++group) {
    const float* other = buffers[group].data() + first;
    for (size_t i = 0; i < count; ++i) to[i] += other[i];
  }
}

}  // namespace rec
