#include "linalg/symmetric_eigen.h"

#include <doctest/doctest.h>

#include <limits>
#include <numeric>
#include <vector>

#include "base/rng.h"

namespace rec::symmetric_eigen_test {

TEST_CASE("symmetric_eigen: by hand") {
  const std::vector<double> A{2.0, 1.0, 1.0, 2.0};  // 1 of (1, -1), 3 of (1, 1)
  const SymmetricEigen pairs = symmetric_eigen(A, 2);
  REQUIRE(pairs.values.size() == 2);
  CHECK(pairs.values[0] == doctest::Approx(1.0));
  CHECK(pairs.values[1] == doctest::Approx(3.0));
  CHECK(pairs.vector(0)[0] == doctest::Approx(-pairs.vector(0)[1]));
  CHECK(pairs.vector(1)[0] == doctest::Approx(pairs.vector(1)[1]));

  CHECK(symmetric_eigen({}, 0).values.empty());
  CHECK(symmetric_eigen(std::vector<double>{-4.0}, 1).values[0] == doctest::Approx(-4.0));
}

TEST_CASE("symmetric_eigen: values rise, vectors are orthonormal and give the matrix back") {
  for (const size_t n : {3, 8, 40}) {
    CAPTURE(n);
    Rng random(n);
    std::vector<double> A(n * n), upper(n * n, std::numeric_limits<double>::quiet_NaN());
    for (size_t row = 0; row < n; ++row) {
      for (size_t column = row; column < n; ++column)
        A[row * n + column] = A[column * n + row] = upper[row * n + column] = random.normal(1.0);
    }
    const SymmetricEigen pairs = symmetric_eigen(upper, n);  // what is below the diagonal is not read
    for (size_t a = 0; a < n; ++a) {
      if (a > 0) CHECK(pairs.values[a - 1] <= pairs.values[a]);
      for (size_t b = 0; b < n; ++b) {
        const std::span<const double> u = pairs.vector(a), v = pairs.vector(b);
        const double product = std::inner_product(u.begin(), u.end(), v.begin(), 0.0);
        CHECK(product == doctest::Approx(a == b ? 1.0 : 0.0).epsilon(1e-12).scale(1.0));
        double cell = 0.0;
        for (size_t at = 0; at < n; ++at) cell += pairs.values[at] * pairs.vector(at)[a] * pairs.vector(at)[b];
        CHECK(cell == doctest::Approx(A[a * n + b]).epsilon(1e-10).scale(1.0));
      }
    }
  }
}

}  // namespace rec::symmetric_eigen_test
