#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/panel_matrix.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>

#include "base/parallel_for.h"
#include "linalg/panel_matrix.h"
#include "linalg/plain.h"
#include "linalg/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

#if REC_PLAIN_TARGET

void panel_sum(const float* panel, const uint32_t* index, const float* weight, size_t n, float* out) {
  plain::panel_sum(panel, index, weight, n, out);
}

#else

constexpr size_t kColumns = PanelMatrix::kColumns;
constexpr size_t kPrefetchAhead = 24;

using Doubles = hn::CappedTag<double, 8>;
using Halves = hn::Rebind<float, Doubles>;
constexpr Doubles kDoubles;
constexpr Halves kHalves;
constexpr size_t kStep = HWY_MIN(HWY_LANES(double), 8);
constexpr size_t kSums = kColumns / kStep;

template <bool kWeighted>
HWY_INLINE void sum_rows(const float* HWY_RESTRICT panel, const uint32_t* HWY_RESTRICT index,
                         const float* HWY_RESTRICT weight, size_t n, float* HWY_RESTRICT out) {
  hn::Vec<Doubles> sum[kSums];
#pragma GCC unroll 16
  for (size_t s = 0; s < kSums; ++s) sum[s] = hn::Zero(kDoubles);
  const auto add = [&](size_t k) HWY_ATTR {
    const float* row = panel + index[k] * kColumns;
    const hn::Vec<Doubles> w = hn::Set(kDoubles, kWeighted ? static_cast<double>(weight[k]) : 1.0);
#pragma GCC unroll 16
    for (size_t s = 0; s < kSums; ++s) {
      const hn::Vec<Doubles> x = hn::PromoteTo(kDoubles, hn::LoadU(kHalves, row + s * kStep));
      sum[s] = kWeighted ? hn::MulAdd(w, x, sum[s]) : hn::Add(x, sum[s]);  // 1·x + s has one rounding, too
    }
  };
  size_t k = 0;
  for (; k + kPrefetchAhead < n; ++k) {
    const float* next = panel + index[k + kPrefetchAhead] * kColumns;
    for (size_t f = 0; f < kColumns; f += kLanes16) __builtin_prefetch(next + f);
    add(k);
  }
  for (; k < n; ++k) add(k);
#pragma GCC unroll 16
  for (size_t s = 0; s < kSums; ++s) hn::StoreU(hn::DemoteTo(kHalves, sum[s]), kHalves, out + s * kStep);
}

void panel_sum(const float* panel, const uint32_t* index, const float* weight, size_t n, float* out) {
  if (weight == nullptr) return sum_rows<false>(panel, index, weight, n, out);
  sum_rows<true>(panel, index, weight, n, out);
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {
namespace {

HWY_EXPORT(panel_sum);

constexpr size_t kRowsPerTask = 16;

}  // namespace

void PanelMatrix::resize(size_t rows, size_t cols) {
  rows_ = rows;
  cols_ = cols;
  data_.assign(panels() * rows * kColumns, 0.0f);
}

void PanelMatrix::get(size_t row, double* to) const {
  for (size_t c = 0; c < cols_; c += kColumns)
    std::copy_n(panel(c / kColumns) + row * kColumns, std::min(kColumns, cols_ - c), to + c);
}

void PanelMatrix::set(size_t row, const double* from) {
  for (size_t c = 0; c < cols_; c += kColumns) {
    float* to = panel(c / kColumns) + row * kColumns;
    for (size_t f = 0; f < std::min(kColumns, cols_ - c); ++f) to[f] = static_cast<float>(from[c + f]);
  }
}

void sparse_times_panels(const SparseView& X, std::span<const uint32_t> order, const PanelMatrix& dense,
                         PanelMatrix& out, int threads) {
  const size_t tasks = (order.size() + kRowsPerTask - 1) / kRowsPerTask;
  // Panel after panel, so that all threads read the same one.
  parallel_for(out.panels() * tasks, threads, [&](size_t task, int) {
    const float* from = dense.panel(task / tasks);
    float* to = out.panel(task / tasks);
    const size_t first = task % tasks * kRowsPerTask;
    for (size_t at = first; at < std::min(order.size(), first + kRowsPerTask); ++at) {
      const uint32_t row = order[at];
      const std::span<const uint32_t> index = X.row(row);
      const std::span<const float> weight = X.row_weight(row);
      HWY_DYNAMIC_DISPATCH(panel_sum)
      (from, index.data(), weight.empty() ? nullptr : weight.data(), index.size(), to + row * PanelMatrix::kColumns);
    }
  });
}

}  // namespace rec
#endif
