#include "linalg/sgemm.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "linalg/plain.h"
#include "oracle.h"
#include "unit/linalg/linalg_random.h"

namespace rec::sgemm_test {

TEST_CASE("sgemm: the plain bits for every shape and number of threads") {
  test::on_every_target([] {
    std::mt19937 rng(1);
    const size_t shapes[][3] = {{1, 1, 1},      {1, 0, 3},       {0, 3, 2},      {3, 5, 7},
                                {8, 16, 48},    {9, 17, 49},     {47, 64, 95},   {65, 300, 10},
                                {130, 33, 200}, {200, 600, 130}, {33, 1100, 500}};
    for (const auto& [m, k, n] : shapes) {
      const Matrix A = test::uniform_matrix(rng, m, k);
      const Matrix B = test::uniform_matrix(rng, k, n);
      Matrix want(m, n);
      plain::sgemm(A, B, want);
      for (int threads : {1, 2, 3}) {
        Matrix got(m, n);
        for (size_t r = 0; r < m; ++r) std::fill(got.row(r), got.row(r) + n, 9.0f);
        sgemm(A, B, got, threads);
        CHECK(test::bit_differences(got.data(), want.data(), m * want.stride()) == 0);
      }
    }
  });
}

TEST_CASE("sgemm: close to the oracle in double") {
  std::mt19937 rng(2);
  const Matrix A = test::uniform_matrix(rng, 50, 300);
  const Matrix B = test::uniform_matrix(rng, 300, 70);
  Matrix C(50, 70);
  sgemm(A, B, C, 2);
  oracle::Dense a(50, 300);
  oracle::Dense b(300, 70);
  for (size_t m = 0; m < 50; ++m) {
    for (size_t k = 0; k < 300; ++k) a(m, k) = A(m, k);
  }
  for (size_t k = 0; k < 300; ++k) {
    for (size_t n = 0; n < 70; ++n) b(k, n) = B(k, n);
  }
  const oracle::Dense want = a * b;
  for (size_t m = 0; m < 50; ++m) {
    for (size_t n = 0; n < 70; ++n) REQUIRE(std::abs(C(m, n) - want(m, n)) < 1e-4);
  }
}

}  // namespace rec::sgemm_test
