#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/score_tile.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/parallel_for.h"
#include "linalg/score_tile.h"
#include "linalg/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

constexpr size_t kPanel = PackedItems::kPanel;

#if REC_PLAIN_TARGET

void score_block(const ConstMatrixView& users, const PackedItems& items, size_t first_item, size_t n_items, float* out,
                 size_t out_stride) {
  for (size_t u = 0; u < users.rows; ++u) {
    for (size_t i = 0; i < n_items; ++i) {
      const size_t p = (first_item + i) / kPanel;
      const size_t j = (first_item + i) % kPanel;
      float acc = items.bias(p)[j];
      for (size_t f = 0; f < users.cols; ++f) acc = std::fma(users.row(u)[f], items.panel(p)[f * kPanel + j], acc);
      out[u * out_stride + i] = acc;
    }
  }
}

#else

constexpr size_t kPanelBlocks = kPanel / kLanes16;

// R users by one panel, of which n items are wanted.
template <int R>
HWY_INLINE void score_panel(const float* users, size_t user_stride, size_t F, const float* panel, const float* bias,
                            size_t n, float* out, size_t out_stride) {
  float whole[R * kPanel];  // for the panel that ends the block early
  float* to = n == kPanel ? out : whole;
  const size_t to_stride = n == kPanel ? out_stride : kPanel;
  for (size_t block = 0; block < kPanelBlocks; block += kTileBlocks) {
    Tile<R, kTileBlocks> tile;
    tile.load(bias + block * kLanes16, 0, kLanes16);
    tile.template accumulate<false>(F, users, user_stride, 1, panel + block * kLanes16, kLanes16, kPanel);
    tile.store(to + block * kLanes16, to_stride, kLanes16);
  }
  if (n == kPanel) return;
  for (int r = 0; r < R; ++r)
    std::copy_n(whole + static_cast<size_t>(r) * kPanel, n, out + static_cast<size_t>(r) * out_stride);
}

void score_block(const ConstMatrixView& users, const PackedItems& items, size_t first_item, size_t n_items, float* out,
                 size_t out_stride) {
  const size_t F = users.cols;
  // A panel stays in L1 while the users pass.
  for (size_t first = 0; first < n_items; first += kPanel) {
    const size_t p = (first_item + first) / kPanel;
    const float* panel = items.panel(p);
    const float* bias = items.bias(p);
    const size_t n = HWY_MIN(kPanel, n_items - first);
    size_t u = 0;
    for (; u + kTileRows <= users.rows; u += kTileRows) {
      score_panel<kTileRows>(users.row(u), users.stride, F, panel, bias, n, out + u * out_stride + first, out_stride);
    }
    for (; u + 4 <= users.rows; u += 4) {
      score_panel<4>(users.row(u), users.stride, F, panel, bias, n, out + u * out_stride + first, out_stride);
    }
    for (; u + 2 <= users.rows; u += 2) {
      score_panel<2>(users.row(u), users.stride, F, panel, bias, n, out + u * out_stride + first, out_stride);
    }
    if (u < users.rows) {
      score_panel<1>(users.row(u), users.stride, F, panel, bias, n, out + u * out_stride + first, out_stride);
    }
  }
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {

HWY_EXPORT(score_block);

PackedItems::PackedItems(ConstMatrixView items, const float* bias) : PackedItems(items, bias, nullptr, items.rows) {}

PackedItems::PackedItems(ConstMatrixView items, const float* bias, const uint32_t* order, size_t count)
    : PackedItems(
          count, items.cols, [&](size_t i, float*) { return items.row(order ? order[i] : i); }, 1) {
  for (size_t i = 0; bias && i < count; ++i) bias_[i] = bias[order ? order[i] : i];
}

PackedItems::PackedItems(size_t count, size_t factors, const std::function<const float*(size_t, float*)>& row,
                         int threads)
    : size_(count), factors_(factors) {
  const size_t panels = (count + kPanel - 1) / kPanel;
  data_.assign(panels * kPanel * factors_, 0.0f);
  bias_.assign(panels * kPanel, 0.0f);
  constexpr size_t kPanelsPerTask = 32;
  parallel_for((panels + kPanelsPerTask - 1) / kPanelsPerTask, threads, [&](size_t task, int) {
    std::vector<float> scratch(factors);
    const size_t last = std::min(count, (task + 1) * kPanelsPerTask * kPanel);
    for (size_t i = task * kPanelsPerTask * kPanel; i < last; ++i) {
      const float* x = row(i, scratch.data());
      float* to = data_.data() + i / kPanel * factors_ * kPanel + i % kPanel;
      for (size_t f = 0; f < factors_; ++f) to[f * kPanel] = x[f];
    }
  });
}

void score_block(ConstMatrixView users, const PackedItems& items, size_t first_item, size_t n_items, float* out,
                 size_t out_stride) {
  assert(users.cols == items.factors());
  assert(first_item % PackedItems::kPanel == 0 && first_item + n_items <= items.size() && out_stride >= n_items);
  HWY_DYNAMIC_DISPATCH(score_block)(users, items, first_item, n_items, out, out_stride);
}

}  // namespace rec
#endif
