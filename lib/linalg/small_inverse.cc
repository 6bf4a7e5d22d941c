#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/small_inverse.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <cmath>

#include "linalg/plain.h"
#include "linalg/small_inverse.h"
#include "linalg/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

// Row i of y -= f[i]·r; n, a multiple of 8: the values of a row.
#if REC_PLAIN_TARGET

void subtract_rows(const double* r, const double* f, size_t rows, size_t n, double* y) {
  plain::subtract_rows(r, f, rows, n, y);
}

#else

using Doubles = hn::CappedTag<double, 8>;
constexpr Doubles kDoubles;
constexpr size_t kStep = HWY_MIN(HWY_LANES(double), 8);

void subtract_rows(const double* HWY_RESTRICT r, const double* HWY_RESTRICT f, size_t rows, size_t n,
                   double* HWY_RESTRICT y) {
  for (size_t row = 0; row < rows; ++row, y += n) {
    const hn::Vec<Doubles> factor = hn::Set(kDoubles, f[row]);
    for (size_t c = 0; c < n; c += kStep)
      hn::Store(hn::NegMulAdd(factor, hn::Load(kDoubles, r + c), hn::Load(kDoubles, y + c)), kDoubles, y + c);
  }
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {
namespace {

HWY_EXPORT(subtract_rows);

}  // namespace

bool small_spd_invert(double* A, size_t n, double* log_determinant) {
  const size_t stride = small_stride(n);
  AlignedBuffer<double> pivot_row(stride);
  std::vector<double> factor(n);
  double sum = 0.0;
  for (size_t k = 0; k < n; ++k) {
    double* row = A + k * stride;
    const double pivot = row[k];
    if (!(pivot > 0.0 && pivot < INFINITY)) return false;
    sum += std::log(pivot);
    const double inverse = 1.0 / pivot;
    for (size_t c = 0; c < stride; ++c) pivot_row[c] = row[c] * inverse;
    pivot_row[k] = inverse;
    for (size_t i = 0; i < n; ++i) {
      factor[i] = A[i * stride + k];
      A[i * stride + k] = 0.0;
    }
    HWY_DYNAMIC_DISPATCH(subtract_rows)(pivot_row.data(), factor.data(), n, stride, A);
    for (size_t c = 0; c < stride; ++c) row[c] = pivot_row[c];
  }
  *log_determinant = sum;
  return true;
}

}  // namespace rec
#endif
