// Numbers from and to text, independent of the locale. Thread-safe.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rec {

// A whole field as a finite decimal number (digits, point, exponent, a leading
// minus); nothing for anything else: "", " 1", "+1", "1x", "nan", "inf", 1e999.
// Float is float or double.
template <class Float>
std::optional<Float> parse_number(std::string_view field);
extern template std::optional<float> parse_number<float>(std::string_view field);
extern template std::optional<double> parse_number<double>(std::string_view field);

// A whole field as a decimal integer of the type's range.
template <class Int>
std::optional<Int> parse_integer(std::string_view field) {
  Int value{};
  const auto result = std::from_chars(field.data(), field.data() + field.size(), value);
  if (result.ec != std::errc() || result.ptr != field.data() + field.size()) return std::nullopt;
  return value;
}

// Appends the shortest decimal form that reads back to the same float or double.
void append_number(std::string& out, float value);
void append_number(std::string& out, double value);

void append_integer(std::string& out, uint64_t value);

// "1 row", "2 rows". noun: in the singular, with s in the plural.
std::string counted(uint64_t count, std::string_view noun);

}  // namespace rec
