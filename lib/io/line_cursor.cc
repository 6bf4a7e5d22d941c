#include "io/line_cursor.h"

#include <hwy/highway.h>

namespace rec {

void LineCursor::find_delimiters() {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::CappedTag<uint8_t, kWindow> d;
  const auto tab = hn::Set(d, static_cast<uint8_t>('\t'));
  const auto newline = hn::Set(d, static_cast<uint8_t>('\n'));
  const char* from = window_;
  for (size_t at = 0; at < kAhead && from < end_; ++at, from += kWindow) {
    uint64_t bits = 0;
    for (size_t lane = 0; lane < kWindow; lane += hn::Lanes(d)) {
      const auto bytes = hn::LoadU(d, reinterpret_cast<const uint8_t*>(from) + lane);
      uint8_t mask[8] = {};
      hn::StoreMaskBits(d, hn::Or(hn::Eq(bytes, tab), hn::Eq(bytes, newline)), mask);
      uint64_t part = 0;
      __builtin_memcpy(&part, mask, sizeof part);
      bits |= part << lane;
    }
    ahead_[at] = bits;
  }
  next_ = 0;
}

}  // namespace rec
