// The derivatives of a batch's columns under a softmax loss. Where its logits may be kept
// (keeps_logits), they are summed with the loss, in each group; elsewhere the logits are
// computed again. Symbols as in models/sgd/sequence_loss.h. Each group by one thread at a
// time.
#pragma once

#include <array>

#include "models/sgd/mini_batch_trainer.h"
#include "models/sgd/sequence_loss.h"

namespace rec {

class ColumnDerivatives {
 public:
  // columns: of the batch, held by the caller until the next one.
  void begin_batch(const ItemColumns<float>& columns);
  void begin_group(size_t group) { begun_[group] = false; }
  // softmax_loss of some of the group's predictions.
  double loss(size_t group, const TokenPredictions<float>& predictions, float w, float* d_h, float* log_sum,
              float* on_target, LossScratch<float>& scratch);
  // After all groups, those [0, used): the columns [first, first + count), count × d. all
  // and log_sum: the batch's predictions.
  void take(size_t used, size_t first, size_t count, const TokenPredictions<float>& all, float w, const float* log_sum,
            float* to, LossScratch<float>& scratch) const;

  // Floats that it and the threads' scratch take.
  static size_t memory(size_t columns, size_t dim, int threads);

 private:
  const ItemColumns<float>* columns_ = nullptr;
  bool keeps_ = false;
  MiniBatchTrainer::OfGroups sum_;  // C × d
  std::array<bool, MiniBatchTrainer::kGroups> begun_{};
};

}  // namespace rec
