#include "linalg/score_tile.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "linalg/dot.h"
#include "linalg/plain.h"
#include "unit/linalg/linalg_random.h"

namespace rec::score_tile_test {

TEST_CASE("score_block: the bits of dot for every shape; nothing else is written") {
  test::on_every_target([] {
    std::mt19937 rng(1);
    for (size_t F : {1u, 7u, 16u, 50u, 64u}) {
      for (size_t I : {1u, 15u, 47u, 48u, 49u, 96u, 130u, 250u, 390u}) {
        const Matrix items = test::uniform_matrix(rng, I, F);
        const AlignedBuffer<float> bias = test::uniform_floats(rng, I);
        const PackedItems packed(items, bias.data());
        const PackedItems unbiased(items);
        REQUIRE(packed.size() == I);
        for (size_t U : {0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 9u, 21u}) {
          const Matrix users = test::uniform_matrix(rng, U, F);
          for (size_t first = 0; first < std::min<size_t>(I, 100); first += 48) {
            const size_t n = I - first;
            const size_t stride = n + U % 3;
            std::vector<float> got(U * stride + 5, 9.0f);
            std::vector<float> want = got;
            for (size_t u = 0; u < U; ++u) {
              for (size_t i = 0; i < n; ++i) {
                want[u * stride + i] = plain::dot(users.row(u), items.row(first + i), F, bias[first + i]);
              }
            }
            score_block(users, packed, first, n, got.data(), stride);
            CHECK(test::bit_differences(got.data(), want.data(), got.size()) == 0);
            for (size_t u = 0; u < U; ++u) {
              for (size_t i = 0; i < n; ++i) want[u * stride + i] = plain::dot(users.row(u), items.row(first + i), F);
            }
            score_block(users, unbiased, first, n, got.data(), stride);
            CHECK(test::bit_differences(got.data(), want.data(), got.size()) == 0);
          }
        }
      }
    }
  });
}

TEST_CASE("score_block: a chosen order of items permutes the columns") {
  std::mt19937 rng(2);
  const Matrix items = test::uniform_matrix(rng, 60, 20);
  const AlignedBuffer<float> bias = test::uniform_floats(rng, 60);
  const Matrix users = test::uniform_matrix(rng, 3, 20);
  const std::vector<uint32_t> order = {59, 0, 7, 7, 31};
  const PackedItems packed(items, bias.data(), order.data(), order.size());
  std::vector<float> out(3 * 5);
  score_block(users, packed, 0, 5, out.data(), 5);
  for (size_t u = 0; u < 3; ++u) {
    for (size_t i = 0; i < 5; ++i) {
      CHECK(out[u * 5 + i] == dot(users.row(u), items.row(order[i]), 20, bias[order[i]]));
    }
  }
}

}  // namespace rec::score_tile_test
