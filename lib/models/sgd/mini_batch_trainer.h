// The epochs of a model that learns from sequences by gradient steps. Each batch is one
// step, and is cut into micro-batches, which several threads share. A trainer derives from
// this and says what a micro-batch does. Symbols: P parameters beside the item tables.
// The same bits for every number of threads: micro-batches and their groups depend only on
// the batch, and what the groups leave is added in their order.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/parallel_for.h"
#include "base/rng.h"
#include "linalg/matrix.h"
#include "models/common/trainer.h"
#include "models/sgd/learning_options.h"
#include "models/sgd/sequence_batches.h"

namespace rec {

class MiniBatchTrainer : public Trainer {
 public:
  // parameters: P.
  MiniBatchTrainer(const Interactions& data, const BatchOptions& batch_options, const SequenceLearningOptions& options,
                   size_t parameters, int threads);

  void epoch() override;
  // The mean loss of the last epoch's predictions, each taken before its step, in nats.
  double objective() const override { return mean_loss_; }

  // A micro-batch has about so many tokens, so that its activations stay near the core; the
  // sequence that reaches the number may exceed it. A softmax over all items reads their
  // table for every 64 predictions: there few blocks of 64 should be part empty.
  static constexpr size_t micro_batch_tokens(SequenceLoss loss) { return loss == SequenceLoss::kSoftmax ? 448 : 128; }
  // Micro-batches form groups, which threads share: at most so many, each with a gradient of its own, which costs a
  // pass over all parameters. A batch has as many as have group_tokens each, so that one of 256 short histories has
  // work for 16 threads; a softmax over all items wants nearly two blocks of 64 predictions.
  static constexpr size_t kGroups = 16;
  static constexpr size_t group_tokens(SequenceLoss loss) { return loss == SequenceLoss::kSoftmax ? 112 : 90; }
  // A buffer of each group. add_groups adds up the elements [first, first + count) of those
  // of the groups [0, used).
  using OfGroups = std::array<AlignedBuffer<float>, kGroups>;
  static void add_groups(const OfGroups& buffers, size_t used, size_t first, size_t count, float* to);

 protected:
  // Prepares for the batch in micro_batches. Returns the number of its predictions; with 0
  // there is nothing to learn, and the batch ends.
  virtual size_t begin_batch(size_t number) = 0;
  virtual void begin_group(size_t) {}
  // Adds a micro-batch's derivatives to those of its group. Returns its loss, summed over
  // its predictions. worker: of the thread pool.
  virtual double run_micro_batch(size_t number, size_t micro_batch, size_t group, int worker) = 0;
  // With `measuring` it need only set its part of `measured`, the losses of the batch's targets.
  bool measuring = false;
  std::vector<float> measured;
  // These predictions of the batch are not learnt from.
  virtual void leave_out(const std::vector<uint32_t>& predictions) = 0;
  // Moves the parameters by what the groups [0, used) hold.
  virtual void end_batch(size_t used) = 0;

  // Random numbers of a batch, and of a micro-batch of it.
  Rng negatives_of(size_t number) const { return Rng(seed_, kNegativeStream + 2 * epochs_done, number); }
  Rng negatives_of(size_t number, size_t micro_batch) const { return negatives_of(number * 65536 + micro_batch); }
  uint64_t dropout_key(size_t number, size_t micro_batch) const {
    return Rng(seed_, kDropoutStream + 2 * epochs_done, number * 65536 + micro_batch).next();
  }

  ThreadPool thread_pool;
  const SequenceBatches batches;
  std::vector<MicroBatch> micro_batches;  // of the batch at hand
  uint64_t epochs_done = 0;               // set to go on from a checkpoint
  uint64_t total_steps = 0;               // of all epochs, for the schedule
  OfGroups gradient;                      // P of each group, 0 when it begins

 private:
  static constexpr uint64_t kNegativeStream = 1000;
  static constexpr uint64_t kDropoutStream = 1001;
  void run_batch(const SequenceBatches::Epoch& pass, size_t number);
  // All micro-batches of the batch, in groups; the sum of their losses.
  double run_groups(size_t number, size_t used);

  const size_t micro_batch_tokens_;
  const size_t group_tokens_;
  const uint64_t seed_;
  const uint64_t epochs_;
  const size_t parameters_;
  const Truncation truncation_;
  double mean_loss_ = 0.0;
  uint64_t predicted_ = 0;
};

}  // namespace rec
