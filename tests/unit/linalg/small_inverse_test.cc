#include "linalg/small_inverse.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "linalg/plain.h"
#include "oracle.h"

namespace rec::small_inverse_test {
namespace {

using oracle::Dense;

AlignedBuffer<double> in_rows(const Dense& matrix, size_t n) {
  AlignedBuffer<double> rows(n * small_stride(n), 0.0);
  for (size_t r = 0; r < n; ++r) {
    for (size_t c = 0; c < n; ++c) rows[r * small_stride(n) + c] = matrix(r, c);
  }
  return rows;
}

// RᵀR and some of the unit matrix.
Dense random_spd(std::mt19937& random, size_t n) {
  std::normal_distribution<double> normal;
  Dense root(n, n);
  for (size_t r = 0; r < n; ++r) {
    for (size_t c = 0; c < n; ++c) root(r, c) = normal(random);
  }
  Dense matrix = root * root.transposed();
  for (size_t r = 0; r < n; ++r) matrix(r, r) += 0.1;
  return matrix;
}

}  // namespace

TEST_CASE("small_inverse: the inverse and the determinant of an independent algebra") {
  std::mt19937 random(1);
  for (const size_t n : {1u, 2u, 5u, 8u, 17u, 41u}) {
    const Dense matrix = random_spd(random, n);
    AlignedBuffer<double> A = in_rows(matrix, n);
    double log_determinant = 0.0;
    REQUIRE(small_spd_invert(A.data(), n, &log_determinant));
    const Dense inverse = oracle::inverse(matrix);
    for (size_t r = 0; r < n; ++r) {
      for (size_t c = 0; c < n; ++c)
        CHECK(A[r * small_stride(n) + c] == doctest::Approx(inverse(r, c)).epsilon(1e-8).scale(1.0));
    }
    CHECK(log_determinant == doctest::Approx(std::log(oracle::determinant(matrix))).epsilon(1e-10));
  }
}

TEST_CASE("small_inverse: the stated order of operations, bit by bit") {
  std::mt19937 random(2);
  constexpr size_t n = 19;
  const size_t stride = small_stride(n);
  const Dense matrix = random_spd(random, n);
  AlignedBuffer<double> got = in_rows(matrix, n), A = got;
  double ignored = 0.0;
  REQUIRE(small_spd_invert(got.data(), n, &ignored));
  for (size_t k = 0; k < n; ++k) {
    const double inverse = 1.0 / A[k * stride + k];
    std::vector<double> r(n);
    for (size_t c = 0; c < n; ++c) r[c] = c == k ? inverse : A[k * stride + c] * inverse;
    for (size_t i = 0; i < n; ++i) {
      const double f = A[i * stride + k];
      for (size_t c = 0; c < n && i != k; ++c)
        A[i * stride + c] = c == k ? -(f * r[k]) : std::fma(-f, r[c], A[i * stride + c]);
    }
    std::copy(r.begin(), r.end(), A.begin() + static_cast<std::ptrdiff_t>(k * stride));
  }
  CHECK(got == A);
}

TEST_CASE("small_inverse: the plain twin subtracts rows by fused multiply-adds") {
  const std::vector<double> r{1.0 / 3.0, -2.0}, f{0.1, 3.0};
  std::vector<double> y{1.0, 2.0, 3.0, 4.0};
  const std::vector<double> before = y;
  plain::subtract_rows(r.data(), f.data(), 2, 2, y.data());
  for (size_t at = 0; at < 4; ++at) CHECK(y[at] == std::fma(-f[at / 2], r[at % 2], before[at]));
}

TEST_CASE("small_inverse: a pivot that is not positive and finite is refused") {
  double ignored = 0.0;
  for (const double bad :
       {0.0, -1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    AlignedBuffer<double> A(2 * small_stride(2), 0.0);
    A[0] = 1.0;
    A[small_stride(2) + 1] = bad;
    CHECK_FALSE(small_spd_invert(A.data(), 2, &ignored));
  }
}

}  // namespace rec::small_inverse_test
