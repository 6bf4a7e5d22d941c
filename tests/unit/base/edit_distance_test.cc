#include "base/edit_distance.h"

#include <doctest/doctest.h>

TEST_CASE("edit_distance counts insertions, deletions, changes and swaps of neighbours") {
  CHECK(rec::edit_distance("", "") == 0);
  CHECK(rec::edit_distance("dim", "dimm") == 1);
  CHECK(rec::edit_distance("reg", "rge") == 1);
  CHECK(rec::edit_distance("ndcg", "ndgc") == 1);
  CHECK(rec::edit_distance("kitten", "sitting") == 3);
  CHECK(rec::edit_distance("", "abc") == 3);
}
