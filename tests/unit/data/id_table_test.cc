#include "data/id_table.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "temp_folder.h"

using namespace rec;
using namespace std::string_literals;

TEST_CASE("IdTable: numbers by first appearance, and back") {
  IdTable table;
  CHECK(table.find("a") == kNoId);
  CHECK(table.intern("b") == 0);
  CHECK(table.intern("a") == 1);
  CHECK(table.intern("b") == 0);
  CHECK(table.size() == 2);
  CHECK(table.find("a") == 1);
  CHECK(table.find("c") == kNoId);
  CHECK(table[0] == "b");
}

TEST_CASE("IdTable: ids are bytes: 007 is not 7, prefixes and NULs differ") {
  IdTable table;
  const std::string names[] = {"7", "007", "7\0"s, "7\0\0"s, "", "\0"s, "12345678", "123456789", "12345678\0"s, "\xff"};
  for (uint32_t id = 0; id < std::size(names); ++id) CHECK(table.intern(names[id]) == id);
  for (uint32_t id = 0; id < std::size(names); ++id) {
    CHECK(table.find(names[id]) == id);
    CHECK(table[id] == names[id]);
  }
}

TEST_CASE("IdTable: sorted order is that of unsigned bytes") {
  IdTable table;
  for (const auto& name : {"b"s, "a\xff"s, "a"s, "a\0"s, "\xff"s, "abcdefgh2"s, "abcdefgh1"s, "abcdefgh"s})
    table.intern(name);
  for (const int threads : {1, 2, 3, 16}) {
    const IdTable sorted = table.reordered(table.sorted_order(threads));
    CHECK(sorted.is_sorted());
    CHECK(sorted[0] == "a");
    CHECK(sorted[1] == "a\0"s);
    CHECK(sorted[2] == "abcdefgh");
    CHECK(sorted[7] == "\xff");
    CHECK(sorted.find("b") == 6);
  }
  CHECK_FALSE(table.is_sorted());
}

TEST_CASE("IdTable: from a blob") {
  IdTable table("abbccc", {0, 1, 3, 6});
  CHECK(table.size() == 3);
  CHECK(table[2] == "ccc");
  table.index();
  CHECK(table.find("bb") == 1);
  for (const std::vector<uint64_t>& offsets : {std::vector<uint64_t>{}, {1, 6}, {0, 5}, {0, 4, 3, 6}, {0, 7}}) {
    CHECK(error_of<Error>([&] { IdTable("abbccc", offsets); }) == "id table: offsets do not match the ids");
  }
  CHECK(error_of<Error>([] { IdTable("abab", {0, 2, 4}).index(); }) == "id \"ab\" is in the table twice");
}

TEST_CASE("IdTable: intern after a blob of many ids that was never indexed") {
  std::string bytes;
  std::vector<uint64_t> offsets{0};
  for (int id = 0; id < 1000; ++id) {
    bytes += std::to_string(id);
    offsets.push_back(bytes.size());
  }
  IdTable table(bytes, offsets);
  CHECK(table.intern("500") == 500);
  CHECK(table.intern("1000") == 1000);
  CHECK(table.find("999") == 999);
}
