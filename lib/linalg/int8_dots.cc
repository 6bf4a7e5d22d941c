#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linalg/int8_dots.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "linalg/int8_dots.h"
#include "linalg/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rec {
namespace HWY_NAMESPACE {
namespace {

int32_t int8_dot(const int16_t* q, const int8_t* row, size_t F) {
  int32_t sum = 0;
  for (size_t f = 0; f < F; ++f) sum += int32_t{q[f]} * int32_t{row[f]};
  return sum;
}

#if REC_PLAIN_TARGET

void int8_dots(const int16_t* q, const int8_t* rows, size_t n, size_t F, size_t, int32_t* out) {
  for (size_t i = 0; i < n; ++i) out[i] = int8_dot(q, rows + i * F, F);
}

#else

constexpr hn::CappedTag<int16_t, Int16Query::kPad> kD16;
constexpr hn::RepartitionToWide<decltype(kD16)> kD32;
constexpr hn::Rebind<int8_t, decltype(kD16)> kD8;
constexpr size_t kLanes16Bit = HWY_MIN(HWY_LANES(int16_t), Int16Query::kPad);

// The query is 0 behind F, where a row may go on into the next one.
HWY_INLINE int32_t whole_dot(const int16_t* q, const int8_t* row, size_t F) {
  auto sum = hn::Zero(kD32);
  auto other = hn::Zero(kD32);
  for (size_t f = 0; f < F; f += kLanes16Bit) {
    sum = hn::ReorderWidenMulAccumulate(kD32, hn::Load(kD16, q + f), hn::PromoteTo(kD16, hn::LoadU(kD8, row + f)), sum,
                                        other);
  }
  return hn::GetLane(hn::SumOfLanes(kD32, hn::Add(sum, other)));
}

void int8_dots(const int16_t* q, const int8_t* rows, size_t n, size_t F, size_t readable, int32_t* out) {
  const size_t width = (F + kLanes16Bit - 1) / kLanes16Bit * kLanes16Bit;
  const size_t whole = readable < width ? 0 : HWY_MIN(n, (readable - width) / F + 1);
  for (size_t i = 0; i < whole; ++i) out[i] = whole_dot(q, rows + i * F, F);
  for (size_t i = whole; i < n; ++i) out[i] = int8_dot(q, rows + i * F, F);
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rec {

HWY_EXPORT(int8_dots);

bool quantise_query(const float* q, size_t F, Int16Query& query) {
  // |code| <= 128 in a row of int8.
  const double greatest_code = std::min(32767.0, std::floor(2147483647.0 / (128.0 * static_cast<double>(F))));
  query.greatest = 0.0;
  query.sum = 0.0;
  for (size_t f = 0; f < F; ++f) {
    const double value = std::fabs(static_cast<double>(q[f]));
    query.greatest = std::max(query.greatest, value);
    query.sum += value;
  }
  if (!(query.greatest >= 1e-25 && query.greatest <= 1e25) || greatest_code < 255.0) return false;
  query.step = static_cast<float>(query.greatest / greatest_code);
  query.code.assign((F + Int16Query::kPad - 1) / Int16Query::kPad * Int16Query::kPad, 0);
  query.error = 0.0;
  const auto step = static_cast<double>(query.step);
  for (size_t f = 0; f < F; ++f) {
    const double wanted = static_cast<double>(q[f]);
    const double code = std::clamp(std::nearbyint(wanted / step), -greatest_code, greatest_code);
    query.code[f] = static_cast<int16_t>(code);
    query.error = std::max(query.error, std::fabs(wanted - step * code));
  }
  return true;
}

void int8_dots(const Int16Query& query, const int8_t* rows, size_t n, size_t F, size_t readable, int32_t* out) {
  HWY_DYNAMIC_DISPATCH(int8_dots)(query.code.data(), rows, n, F, readable, out);
}

}  // namespace rec
#endif
