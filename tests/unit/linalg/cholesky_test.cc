#include "linalg/cholesky.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "linalg/plain.h"
#include "linalg/syrk.h"
#include "oracle.h"
#include "unit/linalg/linalg_random.h"

namespace rec::cholesky_test {
namespace {

// A Gramian plus 0.5·I: positive definite.
Matrix spd(std::mt19937& rng, size_t F) {
  const AlignedBuffer<float> rows = test::uniform_floats(rng, (F + 3) * F);
  Matrix A(F, F);
  plain::syrk_add_upper(rows.data(), F + 3, F, A.data(), A.stride());
  for (size_t r = 0; r < F; ++r) A(r, r) += 0.5f;
  return A;
}

}  // namespace

TEST_CASE("cholesky: a system solved by hand") {
  Matrix A(16, 16);
  AlignedBuffer<float> b(16);
  A(0, 0) = 4.0f;
  A(0, 1) = 2.0f;
  A(1, 1) = 5.0f;
  b[0] = 10.0f;
  b[1] = 17.0f;
  cholesky_pad(A.data(), b.data(), 2, 16, 16);
  REQUIRE(cholesky_solve_upper(A.data(), b.data(), 16, 16));
  CHECK(b[0] == 1.0f);
  CHECK(b[1] == 3.0f);
  for (size_t f = 2; f < 16; ++f) CHECK(b[f] == 0.0f);
}

TEST_CASE("cholesky: the plain bits for every size; the lower triangle is not read") {
  test::on_every_target([] {
    std::mt19937 rng(1);
    for (size_t F : {16u, 32u, 48u, 64u, 80u, 112u, 128u, 144u, 192u, 256u, 272u, 400u}) {
      Matrix A = spd(rng, F);
      for (size_t r = 0; r < F; ++r) {
        for (size_t c = 0; c < r; ++c) A(r, c) = std::numeric_limits<float>::quiet_NaN();
      }
      Matrix B = A;
      AlignedBuffer<float> got = test::uniform_floats(rng, F);
      AlignedBuffer<float> want = got;
      REQUIRE(cholesky_solve_upper(A.data(), got.data(), F, A.stride()));
      REQUIRE(plain::cholesky_solve_upper(B.data(), want.data(), F, B.stride()));
      CHECK(test::bit_differences(got.data(), want.data(), F) == 0);
    }
  });
}

TEST_CASE("cholesky: close to the oracle in double") {
  std::mt19937 rng(2);
  for (size_t F : {16u, 64u, 256u}) {
    Matrix A = spd(rng, F);
    AlignedBuffer<float> b = test::uniform_floats(rng, F);
    oracle::Dense M(F, F);
    oracle::Dense v(F);
    for (size_t r = 0; r < F; ++r) {
      v(r) = b[r];
      for (size_t c = r; c < F; ++c) M(r, c) = M(c, r) = A(r, c);
    }
    const oracle::Dense x = oracle::solve(M, v);
    REQUIRE(cholesky_solve_upper(A.data(), b.data(), F, A.stride()));
    for (size_t r = 0; r < F; ++r) REQUIRE(std::abs(b[r] - x(r)) < 2e-4 * x.largest());
  }
}

TEST_CASE("cholesky: padding changes no bit of the solution") {
  std::mt19937 rng(3);
  for (size_t used : {1u, 5u, 20u, 33u}) {
    const size_t F = pad16(used);
    Matrix small = spd(rng, F);
    AlignedBuffer<float> b = test::uniform_floats(rng, F);
    Matrix big(F + 16, F + 16);
    AlignedBuffer<float> c(F + 16, 5.0f);
    for (size_t r = 0; r < used; ++r) {
      c[r] = b[r];
      for (size_t k = r; k < used; ++k) big(r, k) = small(r, k);
    }
    cholesky_pad(small.data(), b.data(), used, F, small.stride());
    cholesky_pad(big.data(), c.data(), used, F + 16, big.stride());
    REQUIRE(cholesky_solve_upper(small.data(), b.data(), F, small.stride()));
    REQUIRE(cholesky_solve_upper(big.data(), c.data(), F + 16, big.stride()));
    CHECK(test::bit_differences(b.data(), c.data(), used) == 0);
    for (size_t r = used; r < F + 16; ++r) REQUIRE(c[r] == 0.0f);
  }
}

TEST_CASE("cholesky: a bad pivot anywhere is reported") {
  test::on_every_target([] {
    std::mt19937 rng(4);
    const size_t F = 160;
    for (size_t bad : {0u, 1u, 15u, 16u, 63u, 64u, 100u, 159u}) {
      for (float value :
           {0.0f, -1.0f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
        Matrix A(F, F);
        for (size_t r = 0; r < F; ++r) A(r, r) = 1.0f + 0.01f * static_cast<float>(r);
        A(bad, bad) = value;
        AlignedBuffer<float> b(F, 1.0f);
        CHECK_FALSE(cholesky_solve_upper(A.data(), b.data(), F, A.stride()));
      }
    }
  });
}

TEST_CASE("cholesky: pivots are good from 2^-126 to 2^126") {
  for (const auto& [value, good] :
       {std::pair{0x1p-126f, true}, {0x1p-127f, false}, {0x1p126f, true}, {0x1.1p126f, false}}) {
    Matrix A(16, 16);
    AlignedBuffer<float> b(16, value);
    for (size_t r = 0; r < 16; ++r) A(r, r) = value;
    REQUIRE(cholesky_solve_upper(A.data(), b.data(), 16, 16) == good);
    if (good) CHECK(b[3] == doctest::Approx(1.0f));
  }
}

}  // namespace rec::cholesky_test
