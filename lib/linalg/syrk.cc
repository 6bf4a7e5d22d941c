#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/syrk.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "linalg/plain.h"
#include "linalg/syrk.h"
#include "linalg/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

#if REC_PLAIN_TARGET

void syrk_add_upper(const float* rows, size_t n, size_t F, float* A, size_t stride) {
  plain::syrk_add_upper(rows, n, F, A, stride);
}

#else

template <int R, int C>
HWY_INLINE void add_tile(const Panels& y, size_t K, size_t r, size_t c, float* A, size_t stride) {
  Tile<R, C> tile;
  float* corner = A + r * stride + c;
  tile.load(corner, stride, kLanes16);
  tile.template accumulate<false>(K, y.at(r), 1, y.step, y.at(c), y.block, y.step);
  tile.store(corner, stride, kLanes16);
}

// All upper blocks, K rows.
void add_rows(const Panels& y, size_t K, size_t F, float* A, size_t stride) {
  for (size_t r16 = 0; r16 < F; r16 += kLanes16) {
    size_t c = r16;
    while (c < F) {
      const size_t left = (F - c) / kLanes16;
      if constexpr (kTileBlocks == 3) {
        if (left == 1) {
          add_tile<16, 1>(y, K, r16, c, A, stride);
          c += kLanes16;
        } else if (left == 2 || left == 4) {
          for (size_t r = r16; r < r16 + kLanes16; r += 8) add_tile<8, 2>(y, K, r, c, A, stride);
          c += 2 * kLanes16;
        } else {
          for (size_t r = r16; r < r16 + kLanes16; r += 8) add_tile<8, 3>(y, K, r, c, A, stride);
          c += 3 * kLanes16;
        }
      } else {
        for (size_t r = r16; r < r16 + kLanes16; r += kTileRows) add_tile<kTileRows, 1>(y, K, r, c, A, stride);
        c += kLanes16;
      }
    }
  }
}

void syrk_add_upper(const float* rows, size_t n, size_t F, float* A, size_t stride) {
  // Few enough rows at a time for L1.
  const size_t chunk = F <= 128 ? 8192 / F : 64;
  for (size_t k = 0; k < n; k += chunk) {
    add_rows({const_cast<float*>(rows) + k * F, kLanes16, F}, HWY_MIN(chunk, n - k), F, A, stride);
  }
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {

HWY_EXPORT(syrk_add_upper);

void syrk_add_upper(const float* rows, size_t n, size_t F, float* A, size_t stride) {
  HWY_DYNAMIC_DISPATCH(syrk_add_upper)(rows, n, F, A, stride);
}

}  // namespace rec
#endif
