// The types of the elements of a model's tensors. Thread rule: functions without state.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rec {

enum class Dtype { kFloat32, kInt8, kBfloat16, kUint32, kInt64 };

// The upper half of a float32: 8 bits of exponent, 7 of fraction.
struct Bfloat16 {
  uint16_t bits = 0;
  friend bool operator==(Bfloat16, Bfloat16) = default;
};

inline float to_float(Bfloat16 value) { return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16); }
// The nearest bfloat16, of two equally near ones the one with an even fraction; infinite
// from about 3.396e38 on. NaN stays NaN.
Bfloat16 to_bfloat16(float value);

constexpr size_t size_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::kInt8:
      return 1;
    case Dtype::kBfloat16:
      return 2;
    case Dtype::kInt64:
      return 8;
    default:
      return 4;
  }
}

// "float32", "int8", "bfloat16", "uint32", "int64": the text encoding, rec-model and messages.
const char* name_of(Dtype dtype);
std::optional<Dtype> dtype_named(std::string_view name);
// "F32", "I8", "BF16", "U32", "I64": safetensors.
const char* safetensors_name(Dtype dtype);
std::optional<Dtype> dtype_of_safetensors(std::string_view name);

// The dtype of elements of the type T.
template <class T>
constexpr Dtype dtype_of();
template <>
constexpr Dtype dtype_of<float>() {
  return Dtype::kFloat32;
}
template <>
constexpr Dtype dtype_of<int8_t>() {
  return Dtype::kInt8;
}
template <>
constexpr Dtype dtype_of<Bfloat16>() {
  return Dtype::kBfloat16;
}
template <>
constexpr Dtype dtype_of<uint32_t>() {
  return Dtype::kUint32;
}
template <>
constexpr Dtype dtype_of<int64_t>() {
  return Dtype::kInt64;
}

}  // namespace rec
