// Random shapes against linalg/plain.h: the bits must be equal whatever the
// blocking. The seed is in the case, so a failure repeats.
#include <doctest/doctest.h>

#include <vector>

#include "linalg/cholesky.h"
#include "linalg/dot.h"
#include "linalg/plain.h"
#include "linalg/score_tile.h"
#include "linalg/sgemm.h"
#include "linalg/softmax.h"
#include "linalg/syrk.h"
#include "linalg/top_k.h"
#include "unit/linalg/linalg_random.h"

namespace rec::linalg_property_test {

TEST_CASE("linalg property: tiles, pairs, products and the definition agree") {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 rng(seed);
    const size_t U = 1 + test::below(rng, 40);
    const size_t I = 1 + test::below(rng, 200);
    const size_t F = 1 + test::below(rng, 150);
    const Matrix users = test::uniform_matrix(rng, U, F);
    const Matrix items = test::uniform_matrix(rng, I, F);
    Matrix transposed(F, I);
    std::vector<const float*> x(I);
    for (size_t i = 0; i < I; ++i) {
      x[i] = items.row(i);
      for (size_t f = 0; f < F; ++f) transposed(f, i) = items(i, f);
    }
    Matrix pairs(U, I);
    Matrix tiles(U, I);
    Matrix product(U, I);
    for (size_t u = 0; u < U; ++u) dots(users.row(u), x.data(), I, F, pairs.row(u));
    score_block(users, PackedItems(items), 0, I, tiles.data(), tiles.stride());
    sgemm(users, transposed, product, 1 + static_cast<int>(test::below(rng, 3)));
    REQUIRE(test::bit_differences(pairs.data(), tiles.data(), U * pairs.stride()) == 0);
    REQUIRE(test::bit_differences(pairs.data(), product.data(), U * pairs.stride()) == 0);
    const size_t u = test::below(rng, U);
    const size_t i = test::below(rng, I);
    REQUIRE(pairs(u, i) == plain::dot(users.row(u), items.row(i), F));
    REQUIRE(pairs(u, i) == dot(users.row(u), items.row(i), F));
  }
}

TEST_CASE("linalg property: a least-squares half step has the plain bits") {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 rng(seed);
    const size_t used = 1 + test::below(rng, 200);
    const size_t F = pad16(used);
    const size_t n = test::below(rng, 150);
    Matrix rows(n, F);
    for (size_t k = 0; k < n; ++k) {
      for (size_t f = 0; f < used; ++f) rows(k, f) = test::uniform(rng);
    }
    Matrix A(F, F);
    for (size_t f = 0; f < F; ++f) A(f, f) = 0.3f;
    Matrix B = A;
    AlignedBuffer<float> got = test::uniform_floats(rng, F);
    AlignedBuffer<float> want = got;
    for (size_t k = 0; k < n;) {
      const size_t chunk = std::min(n - k, 1 + test::below(rng, 70));
      syrk_add_upper(rows.data() + k * F, chunk, F, A.data(), A.stride());
      k += chunk;
    }
    plain::syrk_add_upper(rows.data(), n, F, B.data(), B.stride());
    REQUIRE(test::bit_differences(A.data(), B.data(), F * F) == 0);
    cholesky_pad(A.data(), got.data(), used, F, F);
    cholesky_pad(B.data(), want.data(), used, F, F);
    REQUIRE(cholesky_solve_upper(A.data(), got.data(), F, F));
    REQUIRE(plain::cholesky_solve_upper(B.data(), want.data(), F, F));
    REQUIRE(test::bit_differences(got.data(), want.data(), F) == 0);
  }
}

TEST_CASE("linalg property: top k of random streams") {
  TopK top;
  std::vector<Scored> out;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 rng(seed);
    const size_t n = 1 + test::below(rng, 6000);
    const size_t k = 1 + test::below(rng, seed % 3 == 0 ? 700 : 60);
    const size_t levels = seed % 2 == 0 ? 1u << 24 : 1 + test::below(rng, 500);
    std::vector<float> scores(n);
    for (float& s : scores) {
      s = static_cast<float>(test::below(rng, levels)) - static_cast<float>(levels / 2);
      if (test::below(rng, 50) == 0) s = -std::numeric_limits<float>::infinity();
    }
    top.reset(k);
    for (size_t first = 0; first < n;) {
      const size_t block = std::min(n - first, 1 + test::below(rng, 2500));
      top.push_block(scores.data() + first, block, static_cast<uint32_t>(first));
      first += block;
    }
    top.finish(out);
    REQUIRE(out == plain::top_k(scores.data(), n, k));
  }
}

}  // namespace rec::linalg_property_test
