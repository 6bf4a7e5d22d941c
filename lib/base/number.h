// Numbers from and to text, independent of the locale. Thread-safe.
#pragma once

#include <fast_float/fast_float.h>
#include <fmt/compile.h>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rec {

// A whole field as a finite decimal number (digits, point, exponent, a leading
// minus); nothing for anything else: "", " 1", "+1", "1x", "nan", "inf", 1e999.
template <class Float>
std::optional<Float> parse_number(std::string_view field) {
  Float value{};
  const auto result = fast_float::from_chars(field.data(), field.data() + field.size(), value);
  if (result.ec != std::errc() || result.ptr != field.data() + field.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

// A whole field as a decimal integer of the type's range.
template <class Int>
std::optional<Int> parse_integer(std::string_view field) {
  Int value{};
  const auto result = std::from_chars(field.data(), field.data() + field.size(), value);
  if (result.ec != std::errc() || result.ptr != field.data() + field.size()) return std::nullopt;
  return value;
}

// Appends the shortest decimal form that reads back to the same float or double.
template <class Float>
void append_number(std::string& out, Float value) {
  char text[32];
  out.append(text, fmt::format_to(text, FMT_COMPILE("{}"), value));
}

inline void append_integer(std::string& out, uint64_t value) {
  const fmt::format_int text(value);
  out.append(text.data(), text.size());
}

}  // namespace rec
