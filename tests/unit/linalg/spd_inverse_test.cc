#include "linalg/spd_inverse.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "linalg/plain.h"
#include "oracle.h"
#include "unit/linalg/linalg_random.h"

namespace rec::spd_inverse_test {
namespace {

// XᵀX + ridge·I of a random X with `rows` rows, upper triangle.
Matrix random_spd(std::mt19937& rng, size_t n, size_t rows, float ridge) {
  const Matrix X = test::uniform_matrix(rng, rows, n);
  Matrix A(n, n);
  for (size_t r = 0; r < n; ++r) {
    for (size_t c = r; c < n; ++c) {
      for (size_t k = 0; k < rows; ++k) A(r, c) = std::fma(X(k, r), X(k, c), A(r, c));
    }
    A(r, r) += ridge;
  }
  return A;
}

SymmetricTiles tiles_of(const Matrix& A) {
  SymmetricTiles tiles(A.rows());
  for (size_t r = 0; r < A.rows(); ++r) {
    for (size_t c = r; c < A.rows(); ++c) tiles(r, c) = A(r, c);
  }
  return tiles;
}

}  // namespace

TEST_CASE("symmetric_tiles: an element has one place, whichever index comes first") {
  for (size_t n : {1u, 16u, 192u, 193u, 500u}) {
    SymmetricTiles A(n);
    float next = 1.0f;
    for (size_t r = 0; r < n; ++r) {
      for (size_t c = r; c < n; ++c) A(c, r) = next++;
    }
    next = 1.0f;
    size_t wrong = 0;
    for (size_t r = 0; r < n; ++r) {
      for (size_t c = r; c < n; ++c) wrong += A(r, c) != next++;
    }
    CHECK(wrong == 0);
    CHECK(SymmetricTiles::bytes(n) >= (n * n + n) / 2 * sizeof(float));
  }
}

TEST_CASE("spd_invert: a matrix inverted by hand") {
  SymmetricTiles A(2);
  A(0, 0) = 4.0f;
  A(0, 1) = 2.0f;
  A(1, 1) = 5.0f;
  REQUIRE(spd_invert(A, 1));
  CHECK(A(0, 0) == doctest::Approx(5.0 / 16));
  CHECK(A(1, 0) == doctest::Approx(-2.0 / 16));
  CHECK(A(1, 1) == doctest::Approx(4.0 / 16));
}

TEST_CASE("spd_invert: the plain bits for every size and number of threads") {
  test::on_every_target([] {
    std::mt19937 rng(1);
    for (size_t n : {1u, 2u, 15u, 16u, 17u, 100u, 191u, 192u, 193u, 384u, 400u}) {
      const Matrix A = random_spd(rng, n, 8, 0.5f);
      Matrix want = A;
      REQUIRE(plain::spd_invert(want));
      for (int threads : {1, 3}) {
        SymmetricTiles got = tiles_of(A);
        REQUIRE(spd_invert(got, threads));
        size_t different = 0;
        for (size_t r = 0; r < n; ++r) {
          for (size_t c = r; c < n; ++c) different += test::bit_differences(&got(r, c), &want(r, c), 1);
        }
        CHECK(different == 0);
      }
    }
  });
}

TEST_CASE("spd_invert: what lies below the diagonal of a tile is not read") {
  std::mt19937 rng(2);
  const Matrix A = random_spd(rng, 250, 8, 0.5f);
  SymmetricTiles clean = tiles_of(A);
  SymmetricTiles dirty = tiles_of(A);
  for (size_t I = 0; I < dirty.tiles(); ++I) {
    for (size_t r = 1; r < SymmetricTiles::kTile; ++r) {
      for (size_t c = 0; c < r; ++c)
        dirty.tile(I, I)[SymmetricTiles::offset(r, c)] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  REQUIRE(spd_invert(clean, 2));
  REQUIRE(spd_invert(dirty, 2));
  for (size_t r = 0; r < 250; ++r) CHECK(test::bit_differences(&clean(r, 249), &dirty(r, 249), 1) == 0);
}

TEST_CASE("spd_invert: close to the oracle in double, as the condition allows") {
  std::mt19937 rng(3);
  for (float ridge : {10.0f, 0.1f}) {
    const size_t n = 300;
    const Matrix A = random_spd(rng, n, 200, ridge);
    SymmetricTiles got = tiles_of(A);
    REQUIRE(spd_invert(got, 2));
    oracle::Dense M(n, n);
    for (size_t r = 0; r < n; ++r) {
      for (size_t c = r; c < n; ++c) M(r, c) = M(c, r) = static_cast<double>(A(r, c));
    }
    const std::vector<double> eigenvalues = oracle::eigenvalues(M);
    const double condition = eigenvalues.back() / eigenvalues.front();
    const oracle::Dense want = oracle::inverse(M);
    double worst = 0.0;
    for (size_t r = 0; r < n; ++r) {
      for (size_t c = 0; c < n; ++c) worst = std::max(worst, std::abs(static_cast<double>(got(r, c)) - want(r, c)));
    }
    CHECK(worst / want.largest() < condition * 0x1p-24 * std::sqrt(static_cast<double>(n)));
  }
}

TEST_CASE("spd_invert: a pivot that is rounding alone is no pivot") {
  for (const auto& [diagonal, good] : {std::pair{2.0f, false}, {2.0f + 0x1p-18f, true}}) {
    SymmetricTiles A(2);
    A(0, 0) = A(0, 1) = 2.0f;
    A(1, 1) = diagonal;
    Matrix B(2, 2);
    B(0, 0) = B(0, 1) = 2.0f;
    B(1, 1) = diagonal;
    CHECK(spd_invert(A, 1) == good);
    CHECK(plain::spd_invert(B) == good);
  }
}

TEST_CASE("spd_invert: a matrix that is not positive definite is reported") {
  test::on_every_target([] {
    for (size_t bad : {0u, 17u, 191u, 192u, 299u}) {
      for (float value :
           {0.0f, -1.0f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
        SymmetricTiles A(300);
        for (size_t r = 0; r < 300; ++r) A(r, r) = r == bad ? value : 2.0f;
        CHECK_FALSE(spd_invert(A, 2));
      }
    }
  });
}

}  // namespace rec::spd_inverse_test
