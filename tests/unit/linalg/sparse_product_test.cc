#include "linalg/sparse_product.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "unit/linalg/linalg_random.h"

namespace rec::sparse_product_test {
namespace {

struct Sparse {
  std::vector<uint64_t> begin{0};
  std::vector<uint32_t> index;
  std::vector<float> weight;
  SparseView view() const { return {begin, index, weight}; }
};

// X and its transpose, also dense.
struct Both {
  Sparse rows;
  Sparse columns;
  Matrix dense;
};

Both random_sparse(std::mt19937& rng, size_t m, size_t n, bool weighted) {
  Both X;
  X.dense.resize(m, n);
  for (size_t r = 0; r < m; ++r) {
    for (size_t c = 0; c < n; ++c) {
      if (test::below(rng, 4) == 0) X.dense(r, c) = weighted ? test::uniform(rng) : 1.0f;
    }
  }
  const auto fill = [&](Sparse& to, size_t rows, size_t cols, auto at) {
    for (size_t r = 0; r < rows; ++r) {
      for (size_t c = 0; c < cols; ++c) {
        if (at(r, c) == 0.0f) continue;
        to.index.push_back(static_cast<uint32_t>(c));
        if (weighted) to.weight.push_back(at(r, c));
      }
      to.begin.push_back(to.index.size());
    }
  };
  fill(X.rows, m, n, [&](size_t r, size_t c) { return X.dense(r, c); });
  fill(X.columns, n, m, [&](size_t r, size_t c) { return X.dense(c, r); });
  return X;
}

}  // namespace

TEST_CASE("sparse_product: chains in ascending order, for every number of threads") {
  std::mt19937 rng(1);
  for (bool weighted : {false, true}) {
    for (const auto& [m, n] : {std::pair{1u, 1u}, {70u, 30u}, {50u, 400u}}) {
      const Both X = random_sparse(rng, m, n, weighted);
      Matrix gram(n, n);
      for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) {
          for (size_t r = 0; r < m; ++r) gram(i, j) = std::fma(X.dense(r, i), X.dense(r, j), gram(i, j));
        }
      }
      for (int threads : {1, 3}) {
        SymmetricTiles got(n);
        sparse_gram(X.rows.view(), X.columns.view(), got, threads);
        size_t different = 0;
        for (size_t i = 0; i < n; ++i) {
          for (size_t j = 0; j < n; ++j) different += test::bit_differences(&got(i, j), &gram(i, j), 1);
        }
        CHECK(different == 0);
        std::vector<float> row(n, 9.0f);
        gram_row(X.rows.view(), X.columns.view(), n / 2, row.data());
        CHECK(test::bit_differences(row.data(), gram.row(n / 2), n) == 0);

        const Matrix dense = test::uniform_matrix(rng, n, 19);
        Matrix product(m, 19);
        sparse_times_dense(X.rows.view(), dense, product, threads);
        for (size_t r = 0; r < m; ++r) {
          for (size_t f = 0; f < 19; ++f) {
            float sum = 0.0f;
            for (size_t c = 0; c < n; ++c) {
              if (X.dense(r, c) != 0.0f) sum = std::fma(X.dense(r, c), dense(c, f), sum);
            }
            REQUIRE(product(r, f) == sum);
          }
        }
      }
    }
  }
}

}  // namespace rec::sparse_product_test
