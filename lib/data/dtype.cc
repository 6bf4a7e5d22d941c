#include "data/dtype.h"

#include <cmath>

namespace rec {
namespace {

struct Names {
  Dtype dtype;
  const char* name;
  const char* safetensors;
};
constexpr Names kNames[] = {{Dtype::kFloat32, "float32", "F32"},
                            {Dtype::kInt8, "int8", "I8"},
                            {Dtype::kBfloat16, "bfloat16", "BF16"},
                            {Dtype::kUint32, "uint32", "U32"},
                            {Dtype::kInt64, "int64", "I64"}};

}  // namespace

Bfloat16 to_bfloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value)) return {static_cast<uint16_t>(bits >> 16 | 0x40)};
  return {static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

const char* name_of(Dtype dtype) {
  for (const Names& names : kNames) {
    if (names.dtype == dtype) return names.name;
  }
  return "";
}

const char* safetensors_name(Dtype dtype) {
  for (const Names& names : kNames) {
    if (names.dtype == dtype) return names.safetensors;
  }
  return "";
}

std::optional<Dtype> dtype_named(std::string_view name) {
  for (const Names& names : kNames) {
    if (name == names.name) return names.dtype;
  }
  return std::nullopt;
}

std::optional<Dtype> dtype_of_safetensors(std::string_view name) {
  for (const Names& names : kNames) {
    if (name == names.safetensors) return names.dtype;
  }
  return std::nullopt;
}

}  // namespace rec
