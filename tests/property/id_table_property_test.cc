// IdTable against std::map, on ids that share prefixes, lengths and NUL bytes.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

#include "data/id_table.h"

namespace rec::id_table_property_test {
namespace {

std::vector<std::string> random_names(std::mt19937& random, size_t count, size_t most_bytes,
                                      const std::string& alphabet) {
  std::vector<std::string> names(count);
  for (std::string& name : names) {
    name.resize(random() % (most_bytes + 1));
    for (char& byte : name) byte = alphabet[random() % alphabet.size()];
  }
  return names;
}

}  // namespace

TEST_CASE("IdTable numbers ids by first appearance, as a map does") {
  std::mt19937 random(7);
  for (const std::string& alphabet :
       {std::string("01"), std::string("\0\1", 2), std::string("0123456789"), std::string("ab\xff")}) {
    for (const size_t most_bytes : {1, 3, 5, 8, 9, 20}) {
      const std::vector<std::string> names = random_names(random, 3000, most_bytes, alphabet);
      std::map<std::string, uint32_t> expected;
      IdTable one_by_one;
      for (const std::string& name : names) {
        const uint32_t id = expected.try_emplace(name, static_cast<uint32_t>(expected.size())).first->second;
        REQUIRE(one_by_one.intern(name) == id);
      }
      IdTable at_once;
      std::vector<uint32_t> ids(names.size());
      at_once.intern_all(std::vector<std::string_view>(names.begin(), names.end()), ids.data());
      REQUIRE(at_once.size() == expected.size());
      for (size_t i = 0; i < names.size(); ++i) REQUIRE(ids[i] == expected[names[i]]);

      const std::span<const uint64_t> offsets = at_once.offsets();
      IdTable from_blob(std::string(at_once.bytes()), {offsets.begin(), offsets.end()});
      from_blob.index();
      for (const auto& [name, id] : expected) {
        REQUIRE(at_once[id] == name);
        REQUIRE(at_once.find(name) == id);
        REQUIRE(from_blob.find(name) == id);
      }
      for (const std::string& name : random_names(random, 300, most_bytes + 2, alphabet + "z")) {
        const auto found = expected.find(name);
        REQUIRE(at_once.find(name) == (found == expected.end() ? kNoId : found->second));
      }
      // std::map orders as the bytes do, unsigned.
      const std::vector<uint32_t> order = at_once.sorted_order(3);
      REQUIRE(order.size() == expected.size());
      size_t at = 0;
      for (const auto& [name, id] : expected) REQUIRE(order[at++] == id);
      // In ascending order, where they lie: by bisection.
      const auto sorted = std::make_shared<const IdTable>(at_once.reordered(order));
      const IdTable mapped(sorted->bytes(), sorted->offsets(), sorted);
      std::vector<uint32_t> found_at(names.size());
      mapped.find_all(std::vector<std::string_view>(names.begin(), names.end()), found_at.data());
      for (size_t i = 0; i < names.size(); ++i) {
        REQUIRE(mapped.find(names[i]) == sorted->find(names[i]));
        REQUIRE(found_at[i] == sorted->find(names[i]));
      }
      for (const std::string& name : random_names(random, 300, most_bytes + 2, alphabet + "z"))
        REQUIRE(mapped.find(name) == sorted->find(name));
      IdTable grown = mapped;
      CHECK(grown.intern("some new id, which makes a copy") == sorted->size());
      CHECK(grown.find(names.front()) == sorted->find(names.front()));
      CHECK(mapped.size() == sorted->size());
      CHECK(at_once.reordered(order).is_sorted());
    }
  }
}

}  // namespace rec::id_table_property_test
