#include "models/sgd/column_derivatives.h"

#include <utility>

namespace rec {

void ColumnDerivatives::begin_batch(const ItemColumns<float>& columns) {
  columns_ = &columns;
  keeps_ = keeps_logits(columns.size(), columns.dim());
}

double ColumnDerivatives::loss(size_t group, const TokenPredictions<float>& predictions, float w, float* d_h,
                               float* log_sum, float* on_target, LossScratch<float>& scratch) {
  if (!keeps_) return softmax_loss(predictions, *columns_, w, d_h, log_sum, on_target, scratch);
  sum_[group].resize(columns_->size() * columns_->dim());
  const bool add = std::exchange(begun_[group], true);
  return softmax_loss(predictions, *columns_, w, d_h, log_sum, on_target, scratch, sum_[group].data(), add);
}

void ColumnDerivatives::take(size_t used, size_t first, size_t count, const TokenPredictions<float>& all, float w,
                             const float* log_sum, float* to, LossScratch<float>& scratch) const {
  const size_t d = columns_->dim();
  if (keeps_)
    MiniBatchTrainer::add_groups(sum_, used, first * d, count * d, to);
  else
    softmax_columns_back(all, *columns_, first, count, w, log_sum, to, scratch);
}

size_t ColumnDerivatives::memory(size_t columns, size_t dim, int threads) {
  if (!keeps_logits(columns, dim)) return 0;
  return MiniBatchTrainer::kGroups * columns * dim + static_cast<size_t>(threads) * kept_logits(columns);
}

}  // namespace rec
