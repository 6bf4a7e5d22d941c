#include "data/id_hash.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace rec::id_hash_test {
namespace {

TEST_CASE("IdSet: insert_all finds the first id that was there, for every number of threads") {
  std::vector<std::string> names;
  for (int at = 0; at < 5000; ++at) names.push_back("user " + std::to_string(at));
  const std::vector<std::string_view> ids(names.begin(), names.end());
  for (const int threads : {1, 2, 3, 16}) {
    IdSet set;
    CHECK(set.insert_all(std::span(ids).first(10), threads) == 10);
    CHECK(set.insert_all(std::span(ids).subspan(10, 4000), threads) == 4000);
    CHECK(set.size() == 4010);
    CHECK(set.insert_all(std::span(ids).subspan(3000), threads) == 0);
    CHECK(set.size() == 5000);

    IdSet other;
    std::vector<std::string_view> repeated = ids;
    repeated[4321] = ids[17];
    repeated[4400] = ids[4399];
    repeated[4999] = ids[0];
    CHECK(other.insert_all(repeated, threads) == 4321);
    CHECK(other.size() == 4997);
    CHECK(!other.insert(ids[17]));
    CHECK(other.insert(ids[4321]));
  }
}

}  // namespace
}  // namespace rec::id_hash_test
