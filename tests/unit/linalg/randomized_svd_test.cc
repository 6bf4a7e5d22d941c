#include "linalg/randomized_svd.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "data/interactions.h"
#include "oracle.h"
#include "unit/linalg/linalg_random.h"

namespace rec::randomized_svd_test {
namespace {

Csr sparse_of(const oracle::Dense& dense) {
  Csr rows;
  rows.begin.push_back(0);
  for (size_t r = 0; r < dense.rows(); ++r) {
    for (size_t c = 0; c < dense.cols(); ++c) {
      if (dense(r, c) == 0.0) continue;
      rows.index.push_back(static_cast<uint32_t>(c));
      rows.weight.push_back(static_cast<float>(dense(r, c)));
    }
    rows.begin.push_back(rows.index.size());
  }
  return rows;
}

oracle::Dense random_dense(size_t m, size_t n) {
  std::mt19937 rng(5);
  oracle::Dense X(m, n);
  for (size_t r = 0; r < X.rows(); ++r) {
    // A few strong directions, so that the spectrum falls.
    for (size_t c = r % 5; c < X.cols(); c += 5) X(r, c) = 1.0 + 0.25 * test::uniform(rng);
    X(r, test::below(rng, n)) += 0.5;
  }
  return X;
}

}  // namespace

TEST_CASE("randomized_svd: values and vectors are the oracle's, orthonormal, the same for every number of threads") {
  const oracle::Dense dense = random_dense(120, 60);
  const Csr rows = sparse_of(dense);
  const Csr columns = transpose(rows, 60);
  const oracle::Svd want = oracle::svd(dense);
  SvdOptions options;
  options.rank = 5;
  options.oversampling = 10;
  const TruncatedSvd got = randomized_svd(rows.view(), columns.view(), options, 1);
  REQUIRE(got.values.size() == 5);
  for (size_t k = 0; k < 5; ++k) {
    CHECK(got.values[k] == doctest::Approx(want.values[k]).epsilon(1e-4));
    for (size_t l = 0; l <= k; ++l) {
      double dot = 0.0;
      for (size_t r = 0; r < 60; ++r)
        dot += static_cast<double>(got.right(r, k)) * static_cast<double>(got.right(r, l));
      CHECK(std::abs(dot - (k == l ? 1.0 : 0.0)) < 1e-5);
    }
  }
  // The projections on the spanned spaces: vectors of close values may mix.
  const oracle::Dense V = want.V.left_columns(5);
  const oracle::Dense P = V * V.transposed();
  for (size_t a = 0; a < 60; ++a) {
    for (size_t b = 0; b < 60; ++b) {
      double dot = 0.0;
      for (size_t k = 0; k < 5; ++k) dot += static_cast<double>(got.right(a, k)) * static_cast<double>(got.right(b, k));
      REQUIRE(std::abs(dot - P(a, b)) < 2e-3);
    }
  }
  const TruncatedSvd again = randomized_svd(rows.view(), columns.view(), options, 3);
  CHECK(again.values == got.values);
  CHECK(std::memcmp(again.right.data(), got.right.data(), 60 * got.right.stride() * sizeof(float)) == 0);
}

TEST_CASE("randomized_svd: a matrix of lower rank has fewer values") {
  oracle::Dense dense(6, 4);
  dense(0, 0) = 3;
  dense(3, 1) = 4;
  dense(3, 3) = 3;
  const Csr rows = sparse_of(dense);
  const Csr columns = transpose(rows, 4);
  SvdOptions options;
  options.rank = 4;
  const TruncatedSvd got = randomized_svd(rows.view(), columns.view(), options, 1);
  REQUIRE(got.values.size() == 2);
  CHECK(got.values[0] == doctest::Approx(5.0));
  CHECK(got.values[1] == doctest::Approx(3.0));
  CHECK(got.right(1, 0) == doctest::Approx(0.8));
  CHECK(got.right(3, 0) == doctest::Approx(0.6));
  CHECK(got.right(0, 1) == doctest::Approx(1.0));
}

TEST_CASE("randomized_svd: a matrix beyond float32's range is an error") {
  oracle::Dense dense(3, 2);
  std::fill(dense.data(), dense.data() + 6, 1e30);
  const Csr rows = sparse_of(dense);
  const Csr columns = transpose(rows, 2);
  CHECK_THROWS_AS(randomized_svd(rows.view(), columns.view(), SvdOptions{}, 1), Error);
}

}  // namespace rec::randomized_svd_test
