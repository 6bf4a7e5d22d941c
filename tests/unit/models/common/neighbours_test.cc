#include "models/common/neighbours.h"

#include <doctest/doctest.h>

#include <atomic>
#include <vector>

namespace rec::neighbours_test {

TEST_CASE("neighbours: the largest of each column by size, rows by source, what is cut as a share") {
  // S by target: column 0 gets -3 from 1 and 1 from 2; column 1 gets 2 and 2; column 2 nothing.
  const std::vector<std::vector<float>> columns{{0, -3, 1}, {2, 0, 2}, {0, 0, 0}};
  const auto fill = [&](size_t first, MatrixView out) {
    for (size_t t = 0; t < out.rows; ++t) {
      for (size_t i = 0; i < 3; ++i) out(t, i) = columns[first + t][i];
    }
  };
  const Neighbours one = largest_weights(3, 1, 2, fill);
  CHECK(one.weights.begin == std::vector<uint64_t>{0, 1, 2, 2});
  CHECK(one.weights.index == std::vector<uint32_t>{1, 0});  // of equal weights that of the lower item
  CHECK(one.weights.weight == std::vector<float>{2.0f, -3.0f});
  CHECK(one.left_out == doctest::Approx(5.0 / 18.0));
  const Neighbours all = largest_weights(3, 5, 1, fill);
  CHECK(all.weights.entries() == 4);
  CHECK(all.left_out == 0.0);
}

TEST_CASE("neighbours: every column is asked for once, whatever the number of threads") {
  const size_t items = 2 * kNeighbourColumns + 5;
  std::vector<std::atomic<int>> asked(items);
  const Neighbours got = largest_weights(items, 1, 3, [&](size_t first, MatrixView out) {
    for (size_t t = 0; t < out.rows; ++t) {
      ++asked[first + t];
      for (size_t i = 0; i < items; ++i) out(t, i) = i == (first + t + 1) % items ? 1.0f : 0.0f;
    }
  });
  for (const std::atomic<int>& count : asked) CHECK(count == 1);
  REQUIRE(got.weights.entries() == items);
  for (size_t i = 0; i < items; ++i) REQUIRE(got.weights.index[i] == (i + items - 1) % items);
}

}  // namespace rec::neighbours_test
