// The epochs of a model that learns from sequences by gradient steps: batches, cut into
// slices for several threads, each batch one step. What a batch does is the trainer's,
// which derives from it. Symbols: P parameters beside the item tables.
// The same bits for every number of threads: slices and their groups depend on the
// batch alone, and what groups leave is added in their order.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/parallel_for.h"
#include "base/rng.h"
#include "linalg/matrix.h"
#include "models/sgd/learning_options.h"
#include "models/sgd/sequence_batches.h"

namespace rec {

class MiniBatchTrainer {
 public:
  MiniBatchTrainer(const Interactions& data, const BatchOptions& batch_options, const LearningOptions& options,
                   SequenceLoss loss, int threads);
  virtual ~MiniBatchTrainer() = default;

  // Throws Error if the loss is no longer finite; the model is then useless.
  void epoch();
  // The mean loss of the last epoch's predictions.
  double objective() const { return mean_loss_; }

  // Tokens of a slice, and a sequence more: its activations stay near the core. A softmax
  // over all items reads their table for every 64 predictions: there few tiles should be
  // part empty.
  static constexpr size_t slice_tokens(SequenceLoss loss) { return loss == SequenceLoss::kSoftmax ? 448 : 128; }
  static constexpr size_t kGroups = 8;         // of slices, at most, each with a gradient of its own
  static constexpr size_t kGroupTokens = 256;  // make such a gradient worth its while
  // The elements [first, first + count) of each group's buffer, added up.
  using OfGroups = std::array<AlignedBuffer<float>, kGroups>;
  static void add_groups(const OfGroups& buffers, size_t used, size_t first, size_t count, float* to);

  uint64_t epochs_done = 0;  // set to go on from a checkpoint

 protected:
  // Makes ready for the batch in works; returns its predictions, 0: nothing to learn.
  virtual size_t begin_batch(size_t number) = 0;
  virtual void begin_group(size_t) {}
  // Adds a slice's derivatives to those of its group; returns its loss.
  virtual double run_slice(size_t number, size_t slice, size_t group, int worker) = 0;
  // Moves the parameters by what the groups [0, used) hold.
  virtual void end_batch(size_t used) = 0;

  // Random numbers of a batch, and of a slice of it.
  Rng negatives_of(size_t number) const { return Rng(seed_, kNegativeStream + 2 * epochs_done, number); }
  Rng negatives_of(size_t number, size_t slice) const { return negatives_of(number * 65536 + slice); }
  uint64_t dropout_key(size_t number, size_t slice) const {
    return Rng(seed_, kDropoutStream + 2 * epochs_done, number * 65536 + slice).next();
  }

  ThreadPool thread_pool;
  const SequenceBatches batches;
  std::vector<SequenceWork> works;  // the slices of the batch at hand
  uint64_t total_steps = 0;         // of all epochs, for the schedule
  OfGroups gradient;                // P of each group, 0 when it begins
  size_t parameters = 0;            // P

 private:
  static constexpr uint64_t kNegativeStream = 1000;
  static constexpr uint64_t kDropoutStream = 1001;
  void run_batch(const SequenceBatches::Epoch& pass, size_t number);

  const size_t slice_tokens_;
  const uint64_t seed_;
  const uint64_t epochs_;
  double mean_loss_ = 0.0;
  uint64_t predicted_ = 0;
};

}  // namespace rec
