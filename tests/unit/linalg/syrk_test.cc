#include "linalg/syrk.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "linalg/plain.h"
#include "oracle.h"
#include "unit/linalg/linalg_random.h"

namespace rec::syrk_test {

TEST_CASE("syrk: the plain bits for every size, chunked or not, wide stride or not") {
  test::on_every_target([] {
    std::mt19937 rng(1);
    for (size_t F : {16u, 32u, 48u, 64u, 80u, 96u, 112u, 128u, 144u, 192u, 256u, 320u}) {
      for (size_t n : {0u, 1u, 2u, 7u, 64u, 131u}) {
        const AlignedBuffer<float> rows = test::uniform_floats(rng, n * F);
        const size_t stride = F + (n % 2) * 16;
        AlignedBuffer<float> got = test::uniform_floats(rng, F * stride);
        AlignedBuffer<float> want = got;
        AlignedBuffer<float> chunked = got;
        syrk_add_upper(rows.data(), n, F, got.data(), stride);
        plain::syrk_add_upper(rows.data(), n, F, want.data(), stride);
        CHECK(test::bit_differences(got.data(), want.data(), F * stride) == 0);
        const size_t first = n / 3;
        syrk_add_upper(rows.data(), first, F, chunked.data(), stride);
        syrk_add_upper(rows.data() + first * F, n - first, F, chunked.data(), stride);
        CHECK(test::bit_differences(chunked.data(), want.data(), F * stride) == 0);
      }
    }
  });
}

TEST_CASE("syrk: close to the oracle in double") {
  std::mt19937 rng(2);
  const size_t F = 64;
  const size_t n = 100;
  const AlignedBuffer<float> rows = test::uniform_floats(rng, n * F);
  Matrix A(F, F);
  syrk_add_upper(rows.data(), n, F, A.data(), A.stride());
  oracle::Dense Y(n, F);
  std::copy(rows.begin(), rows.end(), Y.data());
  const oracle::Dense want = Y.transposed() * Y;
  for (size_t r = 0; r < F; ++r) {
    for (size_t c = r; c < F; ++c) REQUIRE(std::abs(A(r, c) - want(r, c)) < 1e-5 * n);
  }
}

}  // namespace rec::syrk_test
