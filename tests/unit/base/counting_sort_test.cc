#include "base/counting_sort.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/rng.h"

namespace rec::counting_sort_test {
namespace {

TEST_CASE("CountingSort: as std::stable_sort, for every number of threads, each time it places") {
  Rng rng(1, 0);
  for (const size_t count : {0, 1, 5, 1000, 20000}) {
    for (const size_t keys : {1, 2, 60, 3000}) {
      for (const bool ascending : {false, true}) {
        std::vector<size_t> key(count);
        for (size_t& its : key) its = rng.below(keys);
        if (ascending) std::sort(key.begin(), key.end());
        std::vector<size_t> expected(count);
        std::iota(expected.begin(), expected.end(), size_t{0});
        std::stable_sort(expected.begin(), expected.end(), [&](size_t a, size_t b) { return key[a] < key[b]; });
        for (const int threads : {1, 2, 3, 7, 16}) {
          const auto key_of = [&](size_t at) { return key[at]; };
          CountingSort sort(count, keys, threads, key_of);
          CHECK(sort.is_sorted() == std::is_sorted(key.begin(), key.end()));
          for (size_t k = 0; k <= keys; ++k)
            REQUIRE(sort.begin()[k] ==
                    static_cast<uint64_t>(std::count_if(key.begin(), key.end(), [&](size_t its) { return its < k; })));
          for (int pass = 0; pass < 3; ++pass) {
            std::vector<size_t> placed(count, count);
            sort.place(key_of, [&](size_t at, size_t place) { placed[place] = at; });
            CHECK(placed == expected);
          }
        }
      }
    }
  }
}

TEST_CASE("CountingSort: a run of numbers has one put of its own") {
  const std::vector<size_t> key{2, 0, 1, 0, 2, 2, 1, 0, 1, 1, 1, 1, 0, 0, 2, 0, 1, 2, 2, 0, 1, 1, 2, 0, 0, 1};
  const auto key_of = [&](size_t at) { return key[at]; };
  for (const int threads : {1, 2, 5}) {
    CountingSort sort(key.size(), 3, threads, key_of);
    std::vector<size_t> next(key.size(), key.size());  // the number that each put expected
    sort.place_shares(key_of, [&](size_t first) {
      return [&next, expected = first](size_t at, size_t) mutable { next[at] = expected++; };
    });
    for (size_t at = 0; at < key.size(); ++at) CHECK(next[at] == at);
  }
}

}  // namespace
}  // namespace rec::counting_sort_test
