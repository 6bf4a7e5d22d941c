#include "data/dtype.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace rec::dtype_test {
namespace {

TEST_CASE("bfloat16: the nearest one, ties to even, and back") {
  CHECK(to_bfloat16(1.0f).bits == 0x3f80);
  CHECK(to_bfloat16(-2.5f).bits == 0xc020);
  CHECK(to_bfloat16(1.00390625f).bits == 0x3f80);  // 1 + 2^-8: halfway, down to even
  CHECK(to_bfloat16(1.01171875f).bits == 0x3f82);  // 1 + 3·2^-8: halfway, up to even
  CHECK(to_bfloat16(1.00390637f).bits == 0x3f81);  // just above halfway
  CHECK(std::isinf(to_float(to_bfloat16(std::numeric_limits<float>::max()))));
  CHECK(std::isnan(to_float(to_bfloat16(std::numeric_limits<float>::quiet_NaN()))));
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const Bfloat16 value{static_cast<uint16_t>(bits)};
    if (std::isnan(to_float(value))) continue;
    if (to_bfloat16(to_float(value)) != value) FAIL_CHECK(bits);
  }
}

TEST_CASE("dtypes: names, both ways") {
  for (const Dtype dtype : {Dtype::kFloat32, Dtype::kInt8, Dtype::kBfloat16, Dtype::kUint32, Dtype::kInt64}) {
    CHECK(dtype_named(name_of(dtype)) == dtype);
    CHECK(dtype_of_safetensors(safetensors_name(dtype)) == dtype);
  }
  CHECK_FALSE(dtype_named("F32").has_value());
  CHECK_FALSE(dtype_of_safetensors("F64").has_value());
}

}  // namespace
}  // namespace rec::dtype_test
