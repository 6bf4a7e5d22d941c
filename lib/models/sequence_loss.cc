#include "models/sequence_loss.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel_for.h"
#include "data/id_table.h"
#include "models/network_layers.h"

namespace rec {
namespace {

// TokenPredictions and columns of a tile of logits: 128 KiB in float32.
constexpr size_t kTileRows = 72;
constexpr size_t kTileCols = 384;
constexpr size_t kWholeRows = 12;  // what the register tiles of any width divide
// Exponentials of this much below 0 keep their precision.
template <class T>
constexpr T kNear = T(50);

struct Logistic {
  double softplus;  // ln(1 + exp(x))
  double sigmoid;   // its slope
};

// Without overflow, of one exponential.
Logistic logistic(double x) {
  const double e = std::exp(-std::abs(x));
  return {std::max(x, 0.0) + std::log1p(e), (x > 0 ? 1.0 : e) / (1.0 + e)};
}

// tile[r·kTileCols + c] = h_r·x_c (less the correction) for `cols` columns from
// `first`; -infinity at column[r], the target's.
template <class T>
void logits_of(size_t rows, const T* h, const ItemColumns<T>& columns, size_t first, size_t cols, const uint32_t* column, T* tile) {
  constexpr size_t kPanel = ItemColumns<T>::kPanel;
  const size_t d = columns.dim();
  for (size_t c = 0; c < cols; c += kPanel)
    gemm_nn(rows, kPanel, d, {h, d}, {columns.panel((first + c) / kPanel), kPanel}, {tile + c, kTileCols}, false);
  const T* correction = columns.correction();
  for (size_t r = 0; r < rows; ++r) {
    T* logits = tile + r * kTileCols;
    if (correction != nullptr) {
      for (size_t c = 0; c < cols; ++c) logits[c] -= correction[first + c];
    }
    if (column[r] >= first && column[r] < first + cols) logits[column[r] - first] = -std::numeric_limits<T>::infinity();
  }
}

}  // namespace

bool keeps_logits(size_t columns, size_t dim) {
  return columns * kTileRows <= (size_t{1} << 21) && columns * dim <= (size_t{1} << 22);
}

size_t kept_logits(size_t columns) { return (columns + kTileCols - 1) / kTileCols * kTileCols * kTileRows; }

template <class T>
void ItemColumns<T>::set_all(const T* table, size_t items, size_t dim, int threads) {
  size_ = items;
  dim_ = dim;
  rows_ = table;
  items_.clear();
  correction_.clear();
  pack(threads);
}

template <class T>
void ItemColumns<T>::set_some(const T* table, size_t dim, std::vector<uint32_t> items, std::vector<T> correction, int threads) {
  size_ = items.size();
  dim_ = dim;
  items_ = std::move(items);
  correction_ = std::move(correction);
  own_rows_.resize(size_ * dim);
  for (size_t c = 0; c < size_; ++c) std::copy_n(table + items_[c] * dim, dim, own_rows_.data() + c * dim);
  rows_ = own_rows_.data();
  pack(threads);
}

template <class T>
void ItemColumns<T>::pack(int threads) {
  most_added_ = correction_.empty() ? T(0) : -*std::min_element(correction_.begin(), correction_.end());
  const size_t panels = (size_ + kPanel - 1) / kPanel;
  packed_.resize(panels * kPanel * dim_);
  std::vector<T> longest(panels, T(0));
  constexpr size_t kPanelsPerTask = 16;
  parallel_for((panels + kPanelsPerTask - 1) / kPanelsPerTask, threads, [&](size_t task, int) {
    for (size_t p = task * kPanelsPerTask; p < std::min(panels, (task + 1) * kPanelsPerTask); ++p) {
      T* to = packed_.data() + p * kPanel * dim_;
      const size_t columns = std::min(kPanel, size_ - p * kPanel);
      if (columns < kPanel) std::fill_n(to, kPanel * dim_, T(0));
      transpose<T>(columns, dim_, {rows_ + p * kPanel * dim_, dim_}, {to, kPanel});
      for (size_t c = p * kPanel; c < p * kPanel + columns; ++c) longest[p] = std::max(longest[p], lane_dot(rows_ + c * dim_, rows_ + c * dim_, dim_));
    }
  });
  longest_ = panels == 0 ? T(0) : std::sqrt(*std::max_element(longest.begin(), longest.end()));
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
double softmax_loss(const TokenPredictions<T>& predictions, const ItemColumns<T>& columns, T w, T* d_h, T* log_sum, T* on_target,
                    LossScratch<T>& scratch, T* d_columns, bool add) {
  const size_t d = columns.dim();
  const size_t tiles = (columns.size() + kTileCols - 1) / kTileCols;
  const bool keeps = d_columns != nullptr;
  scratch.logits.resize((keeps ? tiles : 1) * kTileRows * kTileCols);
  scratch.greatest.resize(keeps ? tiles * kTileRows : 0);
  scratch.scaled.resize(keeps ? kTileRows * d : 0);
  double loss = 0.0;
  uint32_t column[kTileRows];
  T own[kTileRows];  // the targets' logits
  T greatest[kTileRows];
  T sum[kTileRows];
  bool bounded[kTileRows];
  // About as many rows at a time, in whole tiles of the products.
  const size_t blocks = (predictions.count + kTileRows - 1) / kTileRows;
  const size_t at_once = (predictions.count + blocks * kWholeRows - 1) / (blocks * kWholeRows) * kWholeRows;
  for (size_t first = 0; first < predictions.count; first += at_once) {
    const size_t rows = std::min(at_once, predictions.count - first);
    const T* h = predictions.h + first * d;
    T* pool = d_h + first * d;  // Σ exp(logit - greatest)·x so far
    for (size_t r = 0; r < rows; ++r) {
      const uint32_t target = predictions.target[first + r];
      const T* x = predictions.table + target * d;
      column[r] = columns.column_of(target);
      own[r] = greatest[r] = lane_dot(h + r * d, x, d);
      sum[r] = T(1);
      std::copy_n(x, d, pool + r * d);
      // No logit is above this, and where it is near the target's none need be searched.
      const T most = std::sqrt(lane_dot(h + r * d, h + r * d, d)) * columns.longest() + columns.most_added();
      bounded[r] = most <= own[r] + kNear<T>;
      if (!bounded[r]) continue;
      const T shrink = std::exp(own[r] - std::max(most, own[r]));
      sum[r] = shrink;
      for (size_t c = 0; c < d; ++c) pool[r * d + c] *= shrink;
      greatest[r] = std::max(most, own[r]);
    }
    for (size_t number = 0; number < tiles; ++number) {
      const size_t from = number * kTileCols;
      const size_t cols = std::min(kTileCols, columns.size() - from);
      T* tile = scratch.logits.data() + (keeps ? number * kTileRows * kTileCols : 0);
      logits_of(rows, h, columns, from, cols, column, tile);
      for (size_t r = 0; r < rows; ++r) {
        T* logits = tile + r * kTileCols;
        const T now = bounded[r] ? greatest[r] : lane_max(logits, cols, greatest[r]);
        if (now > greatest[r]) {
          const T shrink = std::exp(greatest[r] - now);
          sum[r] *= shrink;
          for (size_t c = 0; c < d; ++c) pool[r * d + c] *= shrink;
          greatest[r] = now;
        }
        sum[r] += exp_shifted(logits, cols, now);
      }
      if (keeps) std::copy_n(greatest, rows, scratch.greatest.data() + number * kTileRows);
      gemm_nn(rows, d, cols, {tile, kTileCols}, {columns.rows() + from * d, d}, {pool, d}, true);
    }
    for (size_t r = 0; r < rows; ++r) {
      log_sum[first + r] = greatest[r] + std::log(sum[r]);
      const T share = std::exp(own[r] - log_sum[first + r]);
      on_target[first + r] = w * (share - T(1));
      loss += static_cast<double>(log_sum[first + r] - own[r]);
      const T* x = predictions.table + predictions.target[first + r] * d;
      const T scale = w / sum[r];
      for (size_t c = 0; c < d; ++c) pool[r * d + c] = pool[r * d + c] * scale - w * x[c];
    }
    for (size_t number = 0; keeps && number < tiles; ++number) {
      const size_t from = number * kTileCols;
      const size_t cols = std::min(kTileCols, columns.size() - from);
      for (size_t r = 0; r < rows; ++r) {
        const T scale = w * std::exp(scratch.greatest[number * kTileRows + r] - log_sum[first + r]);
        for (size_t c = 0; c < d; ++c) scratch.scaled[r * d + c] = scale * h[r * d + c];
      }
      gemm_tn(cols, d, rows, {scratch.logits.data() + number * kTileRows * kTileCols, kTileCols}, {scratch.scaled.data(), d}, {d_columns + from * d, d},
              add || first > 0);
    }
  }
  return loss;
}

template <class T>
void softmax_columns_back(const TokenPredictions<T>& predictions, const ItemColumns<T>& columns, size_t first, size_t count, T w, const T* log_sum,
                          T* d_rows, LossScratch<T>& scratch) {
  const size_t d = columns.dim();
  const T log_w = std::log(w);
  scratch.logits.resize(kTileRows * kTileCols);
  uint32_t column[kTileRows];
  for (size_t from = first; from < first + count; from += kTileCols) {
    const size_t cols = std::min(kTileCols, first + count - from);
    T* to = d_rows + (from - first) * d;
    for (size_t at = 0; at < predictions.count; at += kTileRows) {
      const size_t rows = std::min(kTileRows, predictions.count - at);
      T* tile = scratch.logits.data();
      for (size_t r = 0; r < rows; ++r) column[r] = columns.column_of(predictions.target[at + r]);
      logits_of(rows, predictions.h + at * d, columns, from, cols, column, tile);
      for (size_t r = 0; r < rows; ++r) {
        exp_shifted(tile + r * kTileCols, cols, log_sum[at + r] - log_w);  // w·α
      }
      gemm_tn(cols, d, rows, {tile, kTileCols}, {predictions.h + at * d, d}, {to, d}, at > 0);
    }
    if (predictions.count == 0) std::fill_n(to, cols * d, T(0));
  }
}

template <class T>
double bce_loss(const TokenPredictions<T>& predictions, size_t d, const uint32_t* negatives, size_t K, T positive, T w, T* d_h, T* on_target,
                T* on_negative) {
  double loss = 0.0;
  for (size_t m = 0; m < predictions.count; ++m) {
    const T* h = predictions.h + m * d;
    T* out = d_h + m * d;
    const T* x = predictions.table + predictions.target[m] * d;
    const auto own = static_cast<double>(lane_dot(h, x, d));
    const Logistic away = logistic(-own);
    loss += static_cast<double>(positive) * away.softplus;
    on_target[m] = -w * positive * static_cast<T>(away.sigmoid);
    for (size_t c = 0; c < d; ++c) out[c] = on_target[m] * x[c];
    for (size_t k = 0; k < K; ++k) {
      const T* y = predictions.table + negatives[m * K + k] * d;
      const auto other = static_cast<double>(lane_dot(h, y, d));
      const Logistic towards = logistic(other);
      loss += towards.softplus;
      const T slope = w * static_cast<T>(towards.sigmoid);
      on_negative[m * K + k] = slope;
      for (size_t c = 0; c < d; ++c) out[c] += slope * y[c];
    }
  }
  return loss;
}

double gbce_weight(size_t negatives, size_t items, double calibration) {
  const double rate = static_cast<double>(negatives) / static_cast<double>(items - 1);
  return rate * (calibration * (1.0 - 1.0 / rate) + 1.0 / rate);
}

template class ItemColumns<float>;
template class ItemColumns<double>;
template double softmax_loss(const TokenPredictions<float>&, const ItemColumns<float>&, float, float*, float*, float*, LossScratch<float>&, float*, bool);
template double softmax_loss(const TokenPredictions<double>&, const ItemColumns<double>&, double, double*, double*, double*, LossScratch<double>&, double*, bool);
template void softmax_columns_back(const TokenPredictions<float>&, const ItemColumns<float>&, size_t, size_t, float, const float*, float*, LossScratch<float>&);
template void softmax_columns_back(const TokenPredictions<double>&, const ItemColumns<double>&, size_t, size_t, double, const double*, double*, LossScratch<double>&);
template double bce_loss(const TokenPredictions<float>&, size_t, const uint32_t*, size_t, float, float, float*, float*, float*);
template double bce_loss(const TokenPredictions<double>&, size_t, const uint32_t*, size_t, double, double, double*, double*, double*);

}  // namespace rec
