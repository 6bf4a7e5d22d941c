#include "linalg/score_tile.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace rec {

PackedItems::PackedItems(ConstMatrixView items, const float* bias) : PackedItems(items, bias, nullptr, items.rows) {}

PackedItems::PackedItems(ConstMatrixView items, const float* bias, const uint32_t* order, size_t count)
    : size_(count), factors_(items.cols) {
  const size_t panels = (count + kPanel - 1) / kPanel;
  data_.assign(panels * kPanel * factors_, 0.0f);
  bias_.assign(panels * kPanel, 0.0f);
  for (size_t i = 0; i < count; ++i) {
    const size_t from = order ? order[i] : i;
    const float* x = items.row(from);
    float* to = data_.data() + i / kPanel * factors_ * kPanel + i % kPanel;
    for (size_t f = 0; f < factors_; ++f) to[f * kPanel] = x[f];
    if (bias) bias_[i] = bias[from];
  }
}

void score_block(ConstMatrixView users, const PackedItems& items, size_t first_item, size_t n_items, float* out,
                 size_t out_stride) {
  assert(users.cols == items.factors());
  assert(first_item % PackedItems::kPanel == 0 && first_item + n_items <= items.size() && out_stride >= n_items);
  for (size_t u = 0; u < users.rows; ++u) {
    for (size_t i = 0; i < n_items; ++i) {
      const size_t p = (first_item + i) / PackedItems::kPanel;
      const size_t j = (first_item + i) % PackedItems::kPanel;
      float acc = items.bias(p)[j];
      for (size_t f = 0; f < users.cols; ++f) {
        acc = std::fma(users.row(u)[f], items.panel(p)[f * PackedItems::kPanel + j], acc);
      }
      out[u * out_stride + i] = acc;
    }
  }
}

}  // namespace rec
