#include "base/parallel_sort.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "base/rng.h"

namespace rec::parallel_sort_test {
namespace {

TEST_CASE("parallel_sort: as std::sort, for every number of threads and any values") {
  Rng rng(1, 0);
  for (const size_t count : {0, 1, 100, 8191, 8192, 50000}) {
    for (const uint64_t values : {1u, 3u, 1000u, 4000000000u}) {
      std::vector<uint64_t> mixed(count);
      for (uint64_t& value : mixed) value = rng.below(values);
      std::vector<uint64_t> sorted = mixed;
      std::sort(sorted.begin(), sorted.end(), std::greater<>());
      for (const int threads : {1, 2, 3, 7, 100}) {
        std::vector<uint64_t> again = mixed;
        parallel_sort(again, threads, std::greater<>());
        CHECK(again == sorted);
      }
    }
  }
}

}  // namespace
}  // namespace rec::parallel_sort_test
