#include "linalg/gram.h"

#include <doctest/doctest.h>

#include "linalg/plain.h"
#include "unit/linalg/linalg_random.h"

namespace rec::gram_test {

TEST_CASE("gram: blocks of 1024 rows, summed in double and in order, for every number of threads") {
  std::mt19937 rng(1);
  for (size_t R : {0u, 1u, 1024u, 1025u, 2500u}) {
    const size_t F = 20;
    const size_t padded = 32;
    const Matrix rows = test::uniform_matrix(rng, R, F);
    std::vector<double> sum(padded * padded, 0.0);
    for (size_t first = 0; first < R; first += 1024) {
      const size_t n = std::min<size_t>(1024, R - first);
      Matrix part(padded, padded);
      plain::syrk_add_upper(rows.data() + first * padded, n, padded, part.data(), padded);
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(part.data()[i]);
    }
    Matrix want(padded, padded);
    for (size_t i = 0; i < sum.size(); ++i) want.data()[i] = static_cast<float>(sum[i]);
    for (int threads : {1, 2, 5}) {
      const Matrix got = gram_upper(rows, threads);
      REQUIRE(got.rows() == padded);
      CHECK(test::bit_differences(got.data(), want.data(), padded * padded) == 0);
    }
  }
}

}  // namespace rec::gram_test
