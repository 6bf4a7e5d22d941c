#include "base/edit_distance.h"

#include <doctest/doctest.h>

namespace rec::edit_distance_test {

TEST_CASE("edit_distance counts insertions, deletions, changes and swaps of neighbours") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("dim", "dimm") == 1);
  CHECK(edit_distance("reg", "rge") == 1);
  CHECK(edit_distance("ndcg", "ndgc") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("", "abc") == 3);
}

}  // namespace rec::edit_distance_test
