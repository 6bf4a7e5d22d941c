#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/sgemm.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

#include "base/parallel_for.h"
#include "linalg/plain.h"
#include "linalg/sgemm.h"
#include "linalg/tile-inl.h"

#ifndef REC_LINALG_SGEMM_SHARED_
#define REC_LINALG_SGEMM_SHARED_
namespace rec {
namespace {

constexpr size_t kStrip = 16;    // rows of A packed side by side
constexpr size_t kPanel = 48;    // columns of B packed side by side
constexpr size_t kDepth = 512;   // k a pass: strip and panel share L2 with the next ones
constexpr size_t kHeight = 256;  // rows of A a task: each panel is used so often from L2

}  // namespace
}  // namespace rec
#endif

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

// to: strips of kStrip rows, k-major; rows behind the last repeat it.
void pack_rows(const ConstMatrixView& A, size_t first_k, size_t K, float* to) {
  for (size_t m = 0; m < A.rows; m += kStrip, to += K * kStrip) {
    const float* rows[kStrip];
    for (size_t r = 0; r < kStrip; ++r) rows[r] = A.row(HWY_MIN(m + r, A.rows - 1)) + first_k;
    size_t k = 0;
#if !REC_PLAIN_TARGET
    for (; k + 4 <= K; k += 4) {
      const Columns4 columns = load_columns4([&](int r) { return rows[r] + k; });
#pragma GCC unroll 4
      for (size_t i = 0; i < 4; ++i) {
#pragma GCC unroll 4
        for (int part = 0; part < kParts; ++part) {
          hn::StoreU(columns.v[i][part], kD, to + (k + i) * kStrip + part * kLanes);
        }
      }
    }
#endif
    for (; k < K; ++k) {
      for (size_t r = 0; r < kStrip; ++r) to[k * kStrip + r] = rows[r][k];
    }
  }
}

// C rows by `rows` (up to kStrip) and columns by `cols` (up to kPanel), K steps;
// the chains start at 0 in the first pass and continue from C later.
void multiply(size_t K, const float* a, const float* b, bool first_pass, float* C, size_t stride, size_t rows,
              size_t cols) {
  float edge[kStrip * kPanel];
  const bool inside = rows == kStrip && cols == kPanel;
  float* to = inside ? C : edge;
  const size_t to_stride = inside ? stride : kPanel;
  if (!inside && !first_pass) {
    std::memset(edge, 0, sizeof(edge));
    for (size_t r = 0; r < rows; ++r) std::copy_n(C + r * stride, cols, edge + r * kPanel);
  }
#if REC_PLAIN_TARGET
  for (size_t r = 0; r < kStrip; ++r) {
    for (size_t c = 0; c < kPanel; ++c) {
      float acc = first_pass ? 0.0f : to[r * to_stride + c];
      for (size_t k = 0; k < K; ++k) acc = std::fma(a[k * kStrip + r], b[k * kPanel + c], acc);
      to[r * to_stride + c] = acc;
    }
  }
#else
  alignas(64) static constexpr float kZero[kPanel] = {};
  for (size_t r = 0; r < kStrip; r += kTileRows) {
    for (size_t c = 0; c < kPanel; c += kTileBlocks * kLanes16) {
      Tile<kTileRows, kTileBlocks> tile;
      float* corner = to + r * to_stride + c;
      tile.load(first_pass ? kZero : corner, first_pass ? 0 : to_stride, kLanes16);
      tile.template accumulate<false>(K, a + r, 1, kStrip, b + c, kLanes16, kPanel);
      tile.store(corner, to_stride, kLanes16);
    }
  }
#endif
  if (!inside) {
    for (size_t r = 0; r < rows; ++r) std::copy_n(edge + r * kPanel, cols, C + r * stride);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {
namespace {

HWY_EXPORT(multiply);
HWY_EXPORT(pack_rows);

}  // namespace

void sgemm(ConstMatrixView A, ConstMatrixView B, MatrixView C, int threads) {
  assert(A.cols == B.rows && C.rows == A.rows && C.cols == B.cols && threads >= 1);
  const size_t K = A.cols;
  const size_t N = B.cols;
  const size_t panels = (N + kPanel - 1) / kPanel;
  if (K == 0) {
    for (size_t m = 0; m < C.rows; ++m) std::fill_n(C.row(m), N, 0.0f);
    return;
  }
  // B once, panel by panel, k-major, zeros behind the last column.
  const auto packed = hwy::AllocateAligned<float>(panels * kPanel * K);
  parallel_for(panels, threads, [&](size_t p, int) {
    const size_t n = std::min(kPanel, N - p * kPanel);
    float* to = packed.get() + p * kPanel * K;
    for (size_t k = 0; k < K; ++k) {
      std::copy_n(B.row(k) + p * kPanel, n, to + k * kPanel);
      std::fill_n(to + k * kPanel + n, kPanel - n, 0.0f);
    }
  });
  std::vector<AlignedBuffer<float>> scratch(static_cast<size_t>(threads));
  parallel_for((A.rows + kHeight - 1) / kHeight, threads, [&](size_t task, int worker) {
    AlignedBuffer<float>& strips = scratch[static_cast<size_t>(worker)];
    strips.resize(kHeight * kDepth);
    const ConstMatrixView a = A.middle_rows(task * kHeight, std::min(kHeight, A.rows - task * kHeight));
    const MatrixView c = C.middle_rows(task * kHeight, a.rows);
    for (size_t k = 0; k < K; k += kDepth) {
      const size_t depth = std::min(kDepth, K - k);
      HWY_DYNAMIC_DISPATCH(pack_rows)(a, k, depth, strips.data());
      const size_t strips_here = (a.rows + kStrip - 1) / kStrip;
      const size_t share = (depth * kPanel + strips_here - 1) / strips_here;
      for (size_t p = 0; p < panels; ++p) {
        for (size_t m = 0; m < a.rows; m += kStrip) {
          float* corner = c.row(m) + p * kPanel;
          // Into L2: the next panel, a share with every strip, and the next tile of C.
          if (p + 1 < panels) {
            const float* next = packed.get() + ((p + 1) * K + k) * kPanel + m / kStrip * share;
            for (size_t i = 0; i < share; i += kLanes16) __builtin_prefetch(next + i, 0, 2);
          }
          if (k > 0) {
            for (size_t r = 0; r < kStrip && m + kStrip + r < a.rows; ++r) {
              for (size_t i = 0; i < kPanel; i += kLanes16)
                __builtin_prefetch(corner + (kStrip + r) * c.stride + i, 1, 2);
            }
          }
          HWY_DYNAMIC_DISPATCH(multiply)
          (depth, strips.data() + m * depth, packed.get() + (p * K + k) * kPanel, k == 0, corner, c.stride,
           std::min(kStrip, a.rows - m), std::min(kPanel, N - p * kPanel));
        }
      }
    }
  });
}

}  // namespace rec
#endif
