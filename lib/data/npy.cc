#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "base/error.h"
#include "base/number.h"
#include "data/vectors.h"

namespace rec {
namespace {

static_assert(std::endian::native == std::endian::little, "the arrays read are little-endian");

constexpr std::string_view kNpyMagic = "\x93NUMPY";
constexpr size_t kVersionBytes = 2;

// 5 bits of exponent, 10 of fraction.
float from_half(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t exponent = bits >> 10 & 31;
  const uint32_t fraction = bits & 1023;
  if (exponent == 0) {
    const float value = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -value : value;
  }
  const uint32_t out = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | out << 23 | fraction << 13);
}

// The header: a Python dictionary of three entries.
class NpyHeaderReader {
 public:
  NpyHeaderReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  void read() {
    expect('{');
    while (!take('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr") {
        type = quoted();
      } else if (key == "fortran_order") {
        fortran = word();
      } else if (key == "shape") {
        read_shape();
      } else {
        malformed();
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (!rest_.empty() || !type || !fortran || !has_shape) malformed();
  }

  std::optional<std::string_view> type;
  std::optional<std::string_view> fortran;
  bool has_shape = false;
  std::vector<uint64_t> shape;  // at most 3 extents

 private:
  [[noreturn]] void malformed() const {
    fail(
        "{}: not an array that is read here: expected a header with descr, fortran_order and shape, of float16, "
        "float32 or float64",
        name_);
  }
  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) rest_.remove_prefix(1);
  }
  bool take(char c) {
    skip_blanks();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) malformed();
  }
  std::string_view quoted() {
    expect('\'');
    const size_t end = rest_.find('\'');
    if (end == std::string_view::npos) malformed();
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }
  std::string_view word() {
    skip_blanks();
    const size_t end = std::min(rest_.find_first_of(" ,)}"), rest_.size());
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return text;
  }
  void read_shape() {
    has_shape = true;
    shape.clear();
    expect('(');
    while (!take(')')) {
      const auto extent = parse_integer<uint64_t>(word());
      if (!extent) malformed();
      if (shape.size() < 3) shape.push_back(*extent);
      if (!take(',')) {
        expect(')');
        return;
      }
    }
  }

  std::string_view rest_;
  const std::string& name_;
};

}  // namespace

float NpyArray::value(uint64_t at) const {
  const char* const from = data.data() + at * bytes;
  if (bytes == 2) {
    uint16_t half;
    std::memcpy(&half, from, sizeof half);
    return from_half(half);
  }
  if (bytes == 4) {
    float number;
    std::memcpy(&number, from, sizeof number);
    return number;
  }
  double number;
  std::memcpy(&number, from, sizeof number);
  return std::abs(number) > static_cast<double>(std::numeric_limits<float>::max())
             ? std::numeric_limits<float>::infinity()
             : static_cast<float>(number);
}

bool looks_like_npy(std::string_view bytes) { return bytes.starts_with(kNpyMagic); }

NpyArray parse_npy(std::string_view bytes, const std::string& name) {
  const auto truncated = [&] { fail("{}: truncated: the header of the array ends behind the file", name); };
  size_t at = kNpyMagic.size() + kVersionBytes;
  if (bytes.size() < at) truncated();
  const int version = static_cast<unsigned char>(bytes[kNpyMagic.size()]);
  if (version < 1 || version > 3) fail("{}: an array of version {}, expected 1, 2 or 3", name, version);
  const size_t length_bytes = version == 1 ? 2 : 4;
  uint32_t length = 0;
  if (bytes.size() < at + length_bytes) truncated();
  std::memcpy(&length, bytes.data() + at, length_bytes);
  at += length_bytes;
  if (length > bytes.size() - at) truncated();
  NpyHeaderReader header(bytes.substr(at, length), name);
  header.read();

  NpyArray array;
  array.data = bytes.substr(at + length);
  if (header.type == "<f2") {
    array.bytes = 2;
  } else if (header.type == "<f4") {
    array.bytes = 4;
  } else if (header.type == "<f8") {
    array.bytes = 8;
  } else {
    fail("{}: an array of \"{}\", expected <f2, <f4 or <f8: save it as array.astype('float32')", name,
         printable(*header.type));
  }
  if (header.fortran != "False")
    fail("{}: an array in Fortran order, expected C order: save it as numpy.ascontiguousarray(array)", name);
  if (header.shape.size() != 2)
    fail("{}: an array of {} dimension{}, expected 2: a row for each id", name,
         header.shape.size() > 2 ? "more than 2" : fmt::format("{}", header.shape.size()),
         header.shape.size() == 1 ? "" : "s");
  array.rows = header.shape[0];
  array.cols = header.shape[1];
  uint64_t expected = array.bytes;
  if (__builtin_mul_overflow(expected, array.rows, &expected) ||
      __builtin_mul_overflow(expected, array.cols, &expected))
    fail("{}: an array of {} x {} numbers, more than there can be", name, array.rows, array.cols);
  if (expected != array.data.size())
    fail("{}: {}: {} bytes of numbers, expected {} for {} x {}", name,
         array.data.size() < expected ? "truncated" : "too long", array.data.size(), expected, array.rows, array.cols);
  return array;
}

}  // namespace rec
