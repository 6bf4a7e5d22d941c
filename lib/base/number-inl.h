// parse_number and append_number (base/number.h) for the loops that parse or write a number a line, where the
// call would cost a third of it. For .cc files: fast_float and fmt are slow to compile.
// Thread-safe.
#pragma once

#include <fast_float/fast_float.h>
#include <fmt/compile.h>

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

// The bytes that write_number_inline() may need.
inline constexpr size_t kNumberBytes = 32;

// Writes what append_number() appends to `to`, and returns its end.
template <class Float>
inline char* write_number_inline(char* to, Float value) {
  return fmt::format_to(to, FMT_COMPILE("{}"), value);
}

}  // namespace rec
