#include "linalg/psd.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "base/rng.h"
#include "oracle.h"

namespace rec::psd_test {

namespace {

oracle::Dense full(const std::vector<double>& triangle, size_t n) {
  oracle::Dense A(n, n);
  size_t at = 0;
  for (size_t row = 0; row < n; ++row) {
    for (size_t column = row; column < n; ++column) A(row, column) = A(column, row) = triangle[at++];
  }
  return A;
}

std::vector<double> random_triangle(size_t n, uint64_t seed, double shift) {
  Rng random(seed);
  std::vector<double> triangle;
  for (size_t row = 0; row < n; ++row) {
    for (size_t column = row; column < n; ++column)
      triangle.push_back(random.normal(1.0) + (column == row ? shift : 0.0));
  }
  return triangle;
}

}  // namespace

TEST_CASE("project_to_psd: by hand") {
  std::vector<double> A{0.0, 1.0, 0.0};  // eigenvalues 1 of (1, 1) and -1 of (1, -1)
  project_to_psd(A, 2);
  for (const double value : A) CHECK(value == doctest::Approx(0.5));
  std::vector<double> one{-3.0};
  project_to_psd(one, 1);
  CHECK(one[0] == 0.0);
}

TEST_CASE("project_to_psd: the eigenvalues are the old ones, or 0, and no such matrix is nearer (Eigen)") {
  for (const size_t n : {2u, 5u, 16u, 30u}) {
    for (const double shift : {-10.0, 0.0, 2.0}) {
      const std::vector<double> before = random_triangle(n, n, shift);
      std::vector<double> after = before;
      project_to_psd(after, n);
      const oracle::Dense A = full(before, n), P = full(after, n);
      std::vector<double> values = oracle::eigenvalues(A);
      double cut = 0.0;  // the distance to the nearest one: that of what is cut off
      for (double& value : values) {
        cut += std::min(value, 0.0) * std::min(value, 0.0);
        value = std::max(value, 0.0);
      }
      const std::vector<double> got = oracle::eigenvalues(P);
      for (size_t at = 0; at < n; ++at) CHECK(got[at] == doctest::Approx(values[at]).epsilon(1e-9).scale(1.0));
      CHECK((A - P).norm() == doctest::Approx(std::sqrt(cut)).epsilon(1e-9).scale(1.0));
    }
  }
}

TEST_CASE("project_to_psd leaves a matrix that is positive semidefinite as it is, to the bit") {
  const std::vector<double> before = random_triangle(12, 3, 20.0);
  std::vector<double> after = before;
  project_to_psd(after, 12);
  CHECK(after == before);
}

}  // namespace rec::psd_test
