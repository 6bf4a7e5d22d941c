#include "base/number.h"

#include "base/number-inl.h"

namespace rec {
namespace {

template <class Float>
void append_shortest(std::string& out, Float value) {
  char text[kNumberBytes];
  out.append(text, write_number_inline(text, value));
}

}  // namespace

template <class Float>
std::optional<Float> parse_number(std::string_view field) {
  return parse_number_inline<Float>(field);
}
template std::optional<float> parse_number<float>(std::string_view field);
template std::optional<double> parse_number<double>(std::string_view field);

void append_number(std::string& out, float value) { append_shortest(out, value); }
void append_number(std::string& out, double value) { append_shortest(out, value); }

void append_integer(std::string& out, uint64_t value) {
  const fmt::format_int text(value);
  out.append(text.data(), text.size());
}

std::string counted(uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace rec
