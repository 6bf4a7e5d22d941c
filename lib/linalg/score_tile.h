// Scores of many users for many items: U users, I items, F factors. The users
// stay row-major; the items are packed once. Same bits as dots().
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "linalg/matrix.h"

namespace rec {

// Item vectors in panels of kPanel items, f-major inside: element f of item i is
// panel(i / kPanel)[f·kPanel + i % kPanel]. The last panel is padded with zeros.
// Immutable after construction, so threads may share it.
class PackedItems {
 public:
  static constexpr size_t kPanel = 48;  // 3 AVX-512 vectors

  PackedItems() = default;
  // Copies rows 0..I-1 of `items` (I × F = rows × cols); with `bias` (I long),
  // item i's chain starts at bias[i] instead of 0. Item i is row order[i] of
  // `items` and bias where `order` is given (I long, values < items.rows).
  explicit PackedItems(ConstMatrixView items, const float* bias = nullptr);
  PackedItems(ConstMatrixView items, const float* bias, const uint32_t* order, size_t count);
  // Copies `count` rows of `factors` values: row(i, scratch) is the i-th one, which may lie in scratch (factors long),
  // and is called by all threads.
  PackedItems(size_t count, size_t factors, const std::function<const float*(size_t, float*)>& row, int threads);

  size_t size() const { return size_; }
  size_t factors() const { return factors_; }
  const float* panel(size_t p) const { return data_.data() + p * factors_ * kPanel; }
  // kPanel start values a panel; zeros without bias.
  const float* bias(size_t p) const { return bias_.data() + p * kPanel; }

 private:
  size_t size_ = 0;
  size_t factors_ = 0;
  AlignedBuffer<float> data_;
  AlignedBuffer<float> bias_;
};

// out[u·out_stride + i] = dot(users.row(u), item first_item + i, F, bias) for
// u < users.rows, i < n_items; nothing else in out is written. The caller blocks
// for L2: about 2016 items (42 panels) by up to 64 users a call are good.
// REQUIRES: users.cols == items.factors(); first_item % PackedItems::kPanel == 0;
// first_item + n_items <= items.size(); out_stride >= n_items.
void score_block(ConstMatrixView users, const PackedItems& items, size_t first_item, size_t n_items, float* out,
                 size_t out_stride);

}  // namespace rec
