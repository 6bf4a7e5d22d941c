#include "data/pair_means.h"

#include <doctest/doctest.h>

#include "small_data.h"

namespace rec::pair_means_test {

TEST_CASE("csr_of_means: a pair once, with the mean of its values") {
  RowsBuilder rows;
  rows.add("u", "b", 4.0f);
  rows.add("u", "a", 1.0f);
  rows.add("u", "b", 1.0f);
  rows.add("t", "a", 5.0f);
  const Csr means = csr_of_means(rows.build());
  CHECK(means.begin == std::vector<uint64_t>{0, 1, 3});
  CHECK(means.index == std::vector<uint32_t>{0, 0, 1});
  CHECK(means.weight == std::vector<float>{5.0f, 1.0f, 2.5f});
}

}  // namespace rec::pair_means_test
