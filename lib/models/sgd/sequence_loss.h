// The losses of a model that predicts items, and their derivatives. Symbols: M predictions,
// each a vector h (d values) with the item that was chosen, its target; I items with vectors
// x; C columns: the items that all predictions of a batch are compared with; K negatives of
// a prediction; w weight of a prediction (1/M in a batch).
//
// softmax: -ln α with the chosen item's attention weight α = exp(h·x_t) / Σ_i exp(h·x_i).
//   The sum is over all items, or over the target and columns that are drawn with
//   probability q. From the logit of a column ln(draws·q) is subtracted, so that the sum
//   estimates that over all items but the target (logQ correction: Bengio, Senécal 2008; the
//   target is not drawn, and its logit not corrected).
//   Logits are computed in tiles, for the sum and the derivative of h as in FlashAttention
//   (Dao et al. 2022, arXiv:2205.14135); for the derivatives of the columns they are
//   computed again or, where they are few, kept.
// bce: -ln σ(h·x_t) - Σ_negatives ln(1 - σ(h·x)); gbce: the first term times
//   β = s(t(1 - 1/s) + 1/s), s = K/(I - 1) (gSASRec: Petrov, Macdonald 2023,
//   arXiv:2308.07192, with t its calibration).
// Weights multiply the loss of a prediction, of bce that of its target alone. Labels are smoothed over the columns, by
//   their logits before the correction; forms are those of models/sgd/loss_form.h.
// float32 and float64 from one source. By one thread, but for functions with a thread pool;
// results depend only on the arguments.
#pragma once

#include <cstdint>
#include <vector>

#include "base/parallel_for.h"
#include "linalg/matrix.h"
#include "models/sgd/loss_form.h"

namespace rec {

// The columns of a batch.
template <class T>
class ItemColumns {
 public:
  // All items; table: I × d, held by the caller until the next set. correction: subtracted from
  // their logits, or empty; infinite for an item that the sum is to leave out.
  void set_all(const T* table, size_t items, size_t dim, ThreadPool& thread_pool, std::vector<T> correction = {});
  // These (distinct, ascending); `correction` is subtracted from their logits.
  void set_some(const T* table, size_t dim, std::vector<uint32_t> items, std::vector<T> correction,
                ThreadPool& thread_pool);

  size_t size() const { return size_; }  // C
  size_t dim() const { return dim_; }
  const T* rows() const { return rows_; }  // C × d
  const T* correction() const { return correction_.empty() ? nullptr : correction_.data(); }
  const std::vector<uint32_t>& items() const { return items_; }  // empty: all
  T longest() const { return longest_; }                         // the greatest length of a row
  T most_added() const { return most_added_; }                   // the greatest of -correction
  // An item's column, or kNoId.
  uint32_t column_of(uint32_t item) const;
  // Of a C × d matrix the rows of those columns whose item is in [first, first + count),
  // into `to`, whose row 0 is that of the item `first`; other rows stay. REQUIRES: set_some.
  void copy_rows(const T* matrix, size_t first, size_t count, T* to) const;

 private:
  void measure(ThreadPool& thread_pool);

  size_t size_ = 0;
  size_t dim_ = 0;
  const T* rows_ = nullptr;
  std::vector<uint32_t> items_;
  std::vector<T> correction_;
  T longest_ = T(0);
  T most_added_ = T(0);
  AlignedBuffer<T> own_rows_;
};

// A number of predictions: h and d_h M × d, target M.
template <class T>
struct TokenPredictions {
  size_t count = 0;
  const T* h = nullptr;
  const uint32_t* target = nullptr;
  const T* table = nullptr;  // I × d: the targets' vectors
  T* weight = nullptr;       // M: of each prediction, beside w; nullptr: 1
  LossForm form = {};
};

template <class T>
struct LossScratch {
  AlignedBuffer<T> logits;    // a tile, or a row of tiles
  AlignedBuffer<T> greatest;  // of each row in each tile so far
  AlignedBuffer<T> scaled;    // rows of h
  AlignedBuffer<T> across;    // h by value
  AlignedBuffer<T> pool;      // d_h by value
  AlignedBuffer<T> mean;      // of the columns
};

// Sets d_h = w·∂loss/∂h, log_sum[m] = ln of the sum of exponentials, and
// on_target[m] = w·(α - 1), the target vector's derivative along h. Returns the sum of
// the losses, without w. With a form that reweights, each weight (REQUIRES: they are there) is multiplied by what the
// form says of it. d_columns (C × d) receives the columns' derivatives or, with
// `add`, these on top, as softmax_columns_back has them: without logits computed anew,
// at the price of a row of tiles in the scratch memory. nullptr: without them.
template <class T>
double softmax_loss(const TokenPredictions<T>& predictions, const ItemColumns<T>& columns, T w, T* d_h, T* log_sum,
                    T* on_target, LossScratch<T>& scratch, T* d_columns = nullptr, bool add = false);
// Whether those tiles and derivatives are small enough to pay, and the floats of a
// thread's tiles if so.
bool keeps_logits(size_t columns, size_t dim);
size_t kept_logits(size_t columns);

// The derivative of the columns [first, first + count), count × d, that is
// Σ_m w·α_mc h_m without the predictions whose target the column is, less its share of smoothed labels. log_sum and
// weights: as softmax_loss left them.
template <class T>
void softmax_columns_back(const TokenPredictions<T>& predictions, const ItemColumns<T>& columns, size_t first,
                          size_t count, T w, const T* log_sum, T* d_rows, LossScratch<T>& scratch);

// negatives: M × K items. Sets d_h, on_target[m] and on_negative[m·K + k] (the
// derivatives of the items' vectors along h). positive: β. Returns the sum of the
// losses, without w.
template <class T>
double bce_loss(const TokenPredictions<T>& predictions, size_t dim, const uint32_t* negatives, size_t K, T positive,
                T w, T* d_h, T* on_target, T* on_negative);

// The cross-entropy of each target, M values into `to`, as the losses above begin with it. log_sum: as softmax_loss
// left it; nullptr: of bce.
template <class T>
void target_losses(const TokenPredictions<T>& predictions, size_t dim, const T* log_sum, float* to);

// β of gbce.
double gbce_weight(size_t negatives, size_t items, double calibration);

}  // namespace rec
