#include "score/finite.h"

#include <bit>
#include <cmath>
#include <cstdint>

#include "base/error.h"
#include "base/number.h"

namespace rec {

size_t first_not_finite(const float* values, size_t n) {
  constexpr uint32_t kExponent = 0x7f800000;
  // Without a branch, which a compiler turns into vector compares.
  uint32_t found = 0;
  for (size_t at = 0; at < n; ++at) found |= (std::bit_cast<uint32_t>(values[at]) & kExponent) == kExponent ? 1u : 0u;
  if (found == 0) return n;
  size_t at = 0;
  while (std::isfinite(values[at])) ++at;
  return at;
}

std::string not_finite(std::string_view user, std::string_view item, const char* what) {
  return fmt::format("user \"{}\", item \"{}\": the {} is not finite", printable(user), printable(item), what);
}

void append_finite(std::string& text, float value, std::string_view user, std::string_view item, const char* what) {
  if (!std::isfinite(value)) throw Error(not_finite(user, item, what));
  append_number(text, value);
}

}  // namespace rec
