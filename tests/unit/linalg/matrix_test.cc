#include "linalg/matrix.h"

#include <doctest/doctest.h>

#include <cstdint>

namespace rec::matrix_test {

TEST_CASE("matrix: rows are aligned, padded to 16 and zero") {
  for (size_t cols : {1u, 15u, 16u, 17u, 64u, 100u}) {
    Matrix matrix(3, cols);
    CHECK(matrix.stride() % 16 == 0);
    CHECK(matrix.stride() >= cols);
    CHECK(matrix.stride() < cols + 16);
    for (size_t r = 0; r < 3; ++r) {
      CHECK(reinterpret_cast<uintptr_t>(matrix.row(r)) % 64 == 0);
      for (size_t c = 0; c < matrix.stride(); ++c) REQUIRE(matrix.row(r)[c] == 0.0f);
    }
  }
}

TEST_CASE("matrix: views see the owner's elements; copies do not") {
  Matrix matrix(4, 5);
  matrix(2, 3) = 7.0f;
  const MatrixView view = matrix;
  CHECK(view(2, 3) == 7.0f);
  view(1, 4) = 5.0f;
  CHECK(matrix(1, 4) == 5.0f);
  const ConstMatrixView middle = ConstMatrixView(view).middle_rows(1, 2);
  CHECK(middle.rows == 2);
  CHECK(middle(0, 4) == 5.0f);
  CHECK(middle(1, 3) == 7.0f);
  Matrix copy = matrix;
  copy(2, 3) = 0.0f;
  CHECK(matrix(2, 3) == 7.0f);
}

TEST_CASE("matrix: resize zeroes what was there") {
  Matrix matrix(2, 2);
  matrix(1, 1) = 3.0f;
  matrix.resize(3, 17);
  CHECK(matrix.stride() == 32);
  for (size_t r = 0; r < 3; ++r) {
    for (size_t c = 0; c < 32; ++c) REQUIRE(matrix.row(r)[c] == 0.0f);
  }
}

}  // namespace rec::matrix_test
