// parse_number (base/number.h) for the loops that parse a number a line, where the
// call would cost a third of it. For .cc files: fast_float is slow to compile.
// Thread-safe.
#pragma once

#include <fast_float/fast_float.h>

#include <cmath>
#include <optional>
#include <string_view>

namespace rec {

// As parse_number.
template <class Float>
inline std::optional<Float> parse_number_inline(std::string_view field) {
  Float value{};
  const auto result = fast_float::from_chars(field.data(), field.data() + field.size(), value);
  if (result.ec != std::errc() || result.ptr != field.data() + field.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

}  // namespace rec
