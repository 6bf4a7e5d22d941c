#include "linalg/int8_dots.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

namespace rec::int8_dots_test {
namespace {

TEST_CASE("int8 dots: whole numbers, for every length, at the end of the memory") {
  std::mt19937 random(3);
  for (size_t F = 1; F <= 131; ++F) {
    const size_t n = 7;
    std::vector<float> q(F);
    for (float& value : q) value = static_cast<float>(static_cast<int>(random() % 2001) - 1000);
    Int16Query query;
    REQUIRE(quantise_query(q.data(), F, query));
    std::vector<int8_t> rows(n * F);
    for (int8_t& code : rows) code = static_cast<int8_t>(random());
    std::vector<int32_t> out(n);
    int8_dots(query, rows.data(), n, F, rows.size(), out.data());
    for (size_t i = 0; i < n; ++i) {
      int64_t sum = 0;
      for (size_t f = 0; f < F; ++f) sum += int64_t{query.code[f]} * int64_t{rows[i * F + f]};
      CHECK(int64_t{out[i]} == sum);
    }
  }
}

TEST_CASE("int8 dots: the greatest codes do not overflow") {
  for (const size_t F : {1u, 64u, 512u, 513u, 4096u, 65536u}) {
    const std::vector<float> q(F, -2.0f);
    Int16Query query;
    REQUIRE(quantise_query(q.data(), F, query));
    const std::vector<int8_t> row(F, int8_t{-128});
    int32_t out = 0;
    int8_dots(query, row.data(), 1, F, F, &out);
    CHECK(int64_t{out} == -int64_t{query.code[0]} * 128 * static_cast<int64_t>(F));
    CHECK(query.error <= 2.0 / 254.0);
  }
  Int16Query query;
  CHECK(!quantise_query(std::vector<float>(1 << 20, 1.0f).data(), 1 << 20, query));
}

TEST_CASE("int8 dots: a query is within half a step, and its error is the greatest") {
  const std::vector<float> q{1.0f, -0.3f, 0.25f, 1e-9f};
  Int16Query query;
  REQUIRE(quantise_query(q.data(), q.size(), query));
  double greatest = 0.0;
  for (size_t f = 0; f < q.size(); ++f)
    greatest =
        std::max(greatest, std::fabs(static_cast<double>(q[f]) - static_cast<double>(query.step) * query.code[f]));
  CHECK(query.error == greatest);
  CHECK(greatest <= 0.5001 * static_cast<double>(query.step));
  for (const float value : {0.0f, 1e-30f, 1e30f}) CHECK(!quantise_query(&value, 1, query));
}

}  // namespace
}  // namespace rec::int8_dots_test
