#include "models/sgd/sequence_loss.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/id_table.h"
#include "models/sgd/network_layers.h"

namespace rec {
namespace {

// A tile of logits: predictions side by side, columns below each other; 48 KiB in float32.
constexpr size_t kTileRows = 64;
constexpr size_t kTileCols = 192;
// Exponentials of this much below 0 keep their precision.
template <class T>
constexpr T kNear = T(50);

constexpr size_t kLine = 64;  // bytes that are fetched together
constexpr size_t kSoon = 4;   // predictions ahead whose vectors are sent for

// The predictions that a tile has side by side.
template <class T>
struct Block {
  size_t rows = 0;
  size_t wide = 0;             // rows filled up for the products, with vectors of zeros
  uint32_t column[kTileRows];  // the targets'
  const T* across = nullptr;   // h by value: d × kTileRows
};

template <class T>
Block<T> block_of(const TokenPredictions<T>& predictions, const ItemColumns<T>& columns, size_t first,
                  LossScratch<T>& scratch) {
  const size_t d = columns.dim();
  Block<T> block;
  block.rows = std::min(kTileRows, predictions.count - first);
  block.wide = pad16(block.rows);
  scratch.across.resize(d * kTileRows);
  if (block.wide > block.rows) std::fill_n(scratch.across.data(), d * kTileRows, T(0));
  transpose<T>(block.rows, d, {predictions.h + first * d, d}, {scratch.across.data(), kTileRows});
  for (size_t r = 0; r < block.rows; ++r) block.column[r] = columns.column_of(predictions.target[first + r]);
  block.across = scratch.across.data();
  return block;
}

// tile[c·kTileRows + r] = h_r·x_(first + c) (less the correction) for `cols` columns;
// -infinity at column[r], the target's.
template <class T>
void logits_of(const Block<T>& block, const ItemColumns<T>& columns, size_t first, size_t cols, T* tile) {
  const size_t d = columns.dim();
  gemm_nn(cols, block.wide, d, {columns.rows() + first * d, d}, {block.across, kTileRows}, {tile, kTileRows}, false);
  if (const T* correction = columns.correction(); correction != nullptr) {
    for (size_t c = 0; c < cols; ++c) {
      for (size_t r = 0; r < block.wide; ++r) tile[c * kTileRows + r] -= correction[first + c];
    }
  }
  for (size_t r = 0; r < block.rows; ++r) {
    if (block.column[r] >= first && block.column[r] < first + cols)
      tile[(block.column[r] - first) * kTileRows + r] = -std::numeric_limits<T>::infinity();
  }
}

// greatest[r] = the greatest logit of prediction r so far; whether one grew.
template <class T>
bool raise(size_t wide, size_t cols, const T* tile, T* greatest) {
  T most[kTileRows];
  std::copy_n(greatest, wide, most);
  for (size_t c = 0; c < cols; ++c) {
    for (size_t r = 0; r < wide; ++r) most[r] = most[r] < tile[c * kTileRows + r] ? tile[c * kTileRows + r] : most[r];
  }
  const bool grew = !std::equal(most, most + wide, greatest);
  std::copy_n(most, wide, greatest);
  return grew;
}

// Whether the sum is over the column.
template <class T>
bool is_compared(const ItemColumns<T>& columns, size_t c) {
  return columns.correction() == nullptr || columns.correction()[c] < std::numeric_limits<T>::infinity();
}

// The columns that the sum is over, and their mean into `mean`.
template <class T>
size_t mean_of(const ItemColumns<T>& columns, AlignedBuffer<T>& mean) {
  const size_t d = columns.dim();
  mean.assign(d, T(0));
  size_t n = 0;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (!is_compared(columns, c)) continue;
    ++n;
    for (size_t at = 0; at < d; ++at) mean[at] += columns.rows()[c * d + at];
  }
  for (size_t at = 0; at < d; ++at) mean[at] /= static_cast<T>(n);
  return n;
}

// Takes the columns' share of smoothed labels from the derivatives of [first, first + count).
template <class T>
void smooth_columns(const TokenPredictions<T>& predictions, const ItemColumns<T>& columns, size_t first, size_t count,
                    T w, T* d_rows, LossScratch<T>& scratch) {
  const size_t d = columns.dim();
  size_t n = columns.correction() == nullptr ? columns.size() : 0;
  for (size_t c = 0; c < columns.size() && columns.correction() != nullptr; ++c) n += is_compared(columns, c) ? 1 : 0;
  scratch.mean.assign(d, T(0));
  const T share = w * static_cast<T>(predictions.form.smoothing) / static_cast<T>(n);
  for (size_t m = 0; m < predictions.count; ++m) {
    const T its = predictions.weight == nullptr ? share : share * predictions.weight[m];
    for (size_t at = 0; at < d; ++at) scratch.mean[at] += its * predictions.h[m * d + at];
  }
  for (size_t c = 0; c < count; ++c) {
    if (!is_compared(columns, first + c)) continue;
    for (size_t at = 0; at < d; ++at) d_rows[c * d + at] -= scratch.mean[at];
  }
}

size_t tiles_of(size_t columns) { return (columns + kTileCols - 1) / kTileCols; }

}  // namespace

bool keeps_logits(size_t columns, size_t dim) {
  return columns * kTileRows <= (size_t{1} << 21) && columns * dim <= (size_t{1} << 22);
}

size_t kept_logits(size_t columns) { return tiles_of(columns) * kTileCols * kTileRows; }

template <class T>
void ItemColumns<T>::set_all(const T* table, size_t items, size_t dim, ThreadPool& thread_pool,
                             std::vector<T> correction) {
  size_ = items;
  dim_ = dim;
  rows_ = table;
  items_.clear();
  correction_ = std::move(correction);
  measure(thread_pool);
}

template <class T>
void ItemColumns<T>::set_some(const T* table, size_t dim, std::vector<uint32_t> items, std::vector<T> correction,
                              ThreadPool& thread_pool) {
  size_ = items.size();
  dim_ = dim;
  items_ = std::move(items);
  correction_ = std::move(correction);
  own_rows_.resize(size_ * dim);
  for (size_t c = 0; c < size_; ++c) std::copy_n(table + items_[c] * dim, dim, own_rows_.data() + c * dim);
  rows_ = own_rows_.data();
  measure(thread_pool);
}

template <class T>
void ItemColumns<T>::measure(ThreadPool& thread_pool) {
  most_added_ = correction_.empty() ? T(0) : -*std::min_element(correction_.begin(), correction_.end());
  constexpr size_t kRowsPerTask = 1024;
  const size_t tasks = (size_ + kRowsPerTask - 1) / kRowsPerTask;
  std::vector<T> longest(tasks, T(0));
  thread_pool.run(tasks, [&](size_t task, int) {
    for (size_t c = task * kRowsPerTask; c < std::min(size_, (task + 1) * kRowsPerTask); ++c)
      longest[task] = std::max(longest[task], lane_dot(rows_ + c * dim_, rows_ + c * dim_, dim_));
  });
  longest_ = tasks == 0 ? T(0) : std::sqrt(*std::max_element(longest.begin(), longest.end()));
}

template <class T>
uint32_t ItemColumns<T>::column_of(uint32_t item) const {
  if (items_.empty()) return item;
  const auto found = std::lower_bound(items_.begin(), items_.end(), item);
  return found != items_.end() && *found == item ? static_cast<uint32_t>(found - items_.begin()) : kNoId;
}

template <class T>
void ItemColumns<T>::copy_rows(const T* matrix, size_t first, size_t count, T* to) const {
  auto at = std::lower_bound(items_.begin(), items_.end(), first);
  for (; at != items_.end() && *at < first + count; ++at)
    std::copy_n(matrix + static_cast<size_t>(at - items_.begin()) * dim_, dim_, to + (*at - first) * dim_);
}

template <class T>
double softmax_loss(const TokenPredictions<T>& predictions, const ItemColumns<T>& columns, T w, T* d_h, T* log_sum,
                    T* on_target, LossScratch<T>& scratch, T* d_columns, bool add) {
  const size_t d = columns.dim();
  const size_t tiles = tiles_of(columns.size());
  const bool keeps = d_columns != nullptr;
  scratch.logits.resize((keeps ? tiles : 1) * kTileRows * kTileCols);
  scratch.greatest.resize(keeps ? tiles * kTileRows : 0);
  scratch.scaled.resize(kTileRows * d);
  scratch.pool.resize(d * kTileRows);
  const LossForm& form = predictions.form;
  if (form.smoothing > 0.0) mean_of(columns, scratch.mean);
  T* pool = scratch.pool.data();  // Σ exp(logit - greatest)·x so far, by value
  double loss = 0.0;
  T own[kTileRows];  // the targets' logits
  T greatest[kTileRows];
  T sum[kTileRows];
  T shrink[kTileRows];
  T its_w[kTileRows];
  for (size_t first = 0; first < predictions.count; first += kTileRows) {
    const Block<T> block = block_of(predictions, columns, first, scratch);
    const size_t rows = block.rows;
    const T* h = predictions.h + first * d;
    bool bounded = true;
    // What fills up has no exponentials.
    std::fill_n(greatest, kTileRows, std::numeric_limits<T>::infinity());
    std::fill_n(sum, kTileRows, T(0));
    if (block.wide > rows) std::fill_n(pool, d * kTileRows, T(0));
    for (size_t r = 0; r < rows; ++r) {
      const T* x = predictions.table + predictions.target[first + r] * d;
      own[r] = greatest[r] = lane_dot(h + r * d, x, d);
      sum[r] = T(1);
      // No logit is above this, and where it is near the target's none need be searched.
      const T most = std::sqrt(lane_dot(h + r * d, h + r * d, d)) * columns.longest() + columns.most_added();
      if (most <= own[r] + kNear<T>) {
        greatest[r] = std::max(most, own[r]);
        sum[r] = std::exp(own[r] - greatest[r]);
      } else {
        bounded = false;
      }
      for (size_t c = 0; c < d; ++c) scratch.scaled[r * d + c] = sum[r] * x[c];
    }
    transpose<T>(rows, d, {scratch.scaled.data(), d}, {pool, kTileRows});
    for (size_t number = 0; number < tiles; ++number) {
      const size_t from = number * kTileCols;
      const size_t cols = std::min(kTileCols, columns.size() - from);
      T* tile = scratch.logits.data() + (keeps ? number * kTileRows * kTileCols : 0);
      logits_of(block, columns, from, cols, tile);
      if (!bounded) std::copy_n(greatest, rows, shrink);
      if (!bounded && raise(block.wide, cols, tile, greatest)) {
        for (size_t r = 0; r < rows; ++r) {
          shrink[r] = std::exp(shrink[r] - greatest[r]);
          sum[r] *= shrink[r];
        }
        for (size_t c = 0; c < d; ++c) {
          for (size_t r = 0; r < rows; ++r) pool[c * kTileRows + r] *= shrink[r];
        }
      }
      exp_less(cols, block.wide, greatest, tile, kTileRows, sum);
      if (keeps) std::copy_n(greatest, kTileRows, scratch.greatest.data() + number * kTileRows);
      gemm_tn(d, block.wide, cols, {columns.rows() + from * d, d}, {tile, kTileRows}, {pool, kTileRows}, true);
    }
    transpose<T>(d, rows, {pool, kTileRows}, {d_h + first * d, d});
    for (size_t r = 0; r < rows; ++r) {
      log_sum[first + r] = greatest[r] + std::log(sum[r]);
      const T attention = std::exp(own[r] - log_sum[first + r]);
      auto l = static_cast<double>(log_sum[first + r] - own[r]);
      its_w[r] = w;
      if (predictions.weight != nullptr) {
        T& weight = predictions.weight[first + r];
        const LossForm::Term term = form.term(l);
        l = static_cast<double>(weight) * term.loss;
        weight *= static_cast<T>(term.factor);
        its_w[r] = w * weight;
      }
      on_target[first + r] = its_w[r] * (attention - T(1));
      loss += l;
      const T* x = predictions.table + predictions.target[first + r] * d;
      const T scale = its_w[r] / sum[r];
      T* out = d_h + (first + r) * d;
      for (size_t c = 0; c < d; ++c) out[c] = out[c] * scale - its_w[r] * x[c];
      if (form.smoothing == 0.0) continue;
      const auto smoothing = static_cast<T>(form.smoothing);
      const T above = own[r] - lane_dot(h + r * d, scratch.mean.data(), d);
      loss += static_cast<double>(its_w[r] / w * smoothing * above);
      on_target[first + r] += its_w[r] * smoothing;
      for (size_t c = 0; c < d; ++c) out[c] += its_w[r] * smoothing * (x[c] - scratch.mean[c]);
    }
    for (size_t number = 0; keeps && number < tiles; ++number) {
      const size_t from = number * kTileCols;
      const size_t cols = std::min(kTileCols, columns.size() - from);
      const T* then = scratch.greatest.data() + number * kTileRows;
      if (number == 0 || !std::equal(then, then + rows, then - kTileRows)) {
        for (size_t r = 0; r < rows; ++r) {
          const T scale = its_w[r] * std::exp(then[r] - log_sum[first + r]);
          for (size_t c = 0; c < d; ++c) scratch.scaled[r * d + c] = scale * h[r * d + c];
        }
      }
      gemm_nn(cols, d, rows, {scratch.logits.data() + number * kTileRows * kTileCols, kTileRows},
              {scratch.scaled.data(), d}, {d_columns + from * d, d}, add || first > 0);
    }
  }
  if (keeps && form.smoothing > 0.0 && predictions.count > 0)
    smooth_columns(predictions, columns, 0, columns.size(), w, d_columns, scratch);
  return loss;
}

template <class T>
void softmax_columns_back(const TokenPredictions<T>& predictions, const ItemColumns<T>& columns, size_t first,
                          size_t count, T w, const T* log_sum, T* d_rows, LossScratch<T>& scratch) {
  const size_t d = columns.dim();
  const T log_w = std::log(w);
  scratch.logits.resize(kTileRows * kTileCols);
  T* tile = scratch.logits.data();
  T less[kTileRows] = {};
  T unused[kTileRows];
  if (predictions.count == 0) std::fill_n(d_rows, count * d, T(0));
  for (size_t at = 0; at < predictions.count; at += kTileRows) {
    const Block<T> block = block_of(predictions, columns, at, scratch);
    for (size_t r = 0; r < block.rows; ++r)
      less[r] = log_sum[at + r] - (predictions.weight == nullptr ? log_w : std::log(w * predictions.weight[at + r]));
    for (size_t from = first; from < first + count; from += kTileCols) {
      const size_t cols = std::min(kTileCols, first + count - from);
      logits_of(block, columns, from, cols, tile);
      exp_less(cols, block.wide, less, tile, kTileRows, unused);  // w·α
      gemm_nn(cols, d, block.rows, {tile, kTileRows}, {predictions.h + at * d, d}, {d_rows + (from - first) * d, d},
              at > 0);
    }
  }
  if (predictions.form.smoothing > 0.0 && predictions.count > 0)
    smooth_columns(predictions, columns, first, count, w, d_rows, scratch);
}

template <class T>
double bce_loss(const TokenPredictions<T>& predictions, size_t d, const uint32_t* negatives, size_t K, T positive, T w,
                T* d_h, T* on_target, T* on_negative) {
  double loss = 0.0;
  const LossForm form = predictions.form;
  const auto fetch = [&](uint32_t item) {
    for (size_t at = 0; at < d; at += kLine / sizeof(T)) __builtin_prefetch(predictions.table + item * d + at);
  };
  for (size_t m = 0; m < predictions.count; ++m) {
    if (const size_t soon = m + kSoon; soon < predictions.count) {
      fetch(predictions.target[soon]);
      for (size_t k = 0; k < K; ++k) fetch(negatives[soon * K + k]);
    }
    const T* h = predictions.h + m * d;
    T* out = d_h + m * d;
    const T* x = predictions.table + predictions.target[m] * d;
    const auto own = static_cast<double>(lane_dot(h, x, d));
    const Logistic away = logistic(-own);
    const T its = predictions.weight == nullptr ? positive : positive * predictions.weight[m];
    const LossForm::PairTerm term = form.pair_term(own, away.softplus, away.sigmoid);
    loss += static_cast<double>(its) * term.loss;
    on_target[m] = -w * its * static_cast<T>(term.slope);
    for (size_t c = 0; c < d; ++c) out[c] = on_target[m] * x[c];
    for (size_t k = 0; k < K; ++k) {
      const T* y = predictions.table + negatives[m * K + k] * d;
      const auto other = static_cast<double>(lane_dot(h, y, d));
      const Logistic towards = logistic(other);
      const LossForm::PairTerm other_term = form.pair_term(-other, towards.softplus, towards.sigmoid);
      loss += other_term.loss;
      const T slope = w * static_cast<T>(other_term.slope);
      on_negative[m * K + k] = slope;
      for (size_t c = 0; c < d; ++c) out[c] += slope * y[c];
    }
  }
  return loss;
}

template <class T>
void target_losses(const TokenPredictions<T>& predictions, size_t d, const T* log_sum, float* to) {
  for (size_t m = 0; m < predictions.count; ++m) {
    const T own = lane_dot(predictions.h + m * d, predictions.table + predictions.target[m] * d, d);
    to[m] = static_cast<float>(log_sum != nullptr ? static_cast<double>(log_sum[m] - own)
                                                  : logistic(-static_cast<double>(own)).softplus);
  }
}

double gbce_weight(size_t negatives, size_t items, double calibration) {
  const double rate = static_cast<double>(negatives) / static_cast<double>(items - 1);
  return rate * (calibration * (1.0 - 1.0 / rate) + 1.0 / rate);
}

template class ItemColumns<float>;
template class ItemColumns<double>;
template double softmax_loss(const TokenPredictions<float>&, const ItemColumns<float>&, float, float*, float*, float*,
                             LossScratch<float>&, float*, bool);
template double softmax_loss(const TokenPredictions<double>&, const ItemColumns<double>&, double, double*, double*,
                             double*, LossScratch<double>&, double*, bool);
template void softmax_columns_back(const TokenPredictions<float>&, const ItemColumns<float>&, size_t, size_t, float,
                                   const float*, float*, LossScratch<float>&);
template void softmax_columns_back(const TokenPredictions<double>&, const ItemColumns<double>&, size_t, size_t, double,
                                   const double*, double*, LossScratch<double>&);
template void target_losses(const TokenPredictions<float>&, size_t, const float*, float*);
template void target_losses(const TokenPredictions<double>&, size_t, const double*, float*);
template double bce_loss(const TokenPredictions<float>&, size_t, const uint32_t*, size_t, float, float, float*, float*,
                         float*);
template double bce_loss(const TokenPredictions<double>&, size_t, const uint32_t*, size_t, double, double, double*,
                         double*, double*);

}  // namespace rec
