#include "data/id_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/error.h"
#include "data/id_hash.h"
#include "temp_folder.h"

namespace rec::id_table_test {
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

TEST_CASE("IdTable: ids made to meet in one place of a hash without a seed take no longer than others") {
  // x -> ((x·a) ^ (x·a >> 32))·b, undone: all results have 0 in their upper 47 bits.
  constexpr auto inverse = [](uint64_t odd) {
    uint64_t found = odd;
    for (int round = 0; round < 6; ++round) found *= 2 - odd * found;
    return found;
  };
  constexpr uint64_t a = inverse(0x9e3779b97f4a7c15u);
  constexpr uint64_t b = inverse(0xbf58476d1ce4e5b9u);
  IdTable table;
  uint32_t expected = 0;
  const auto start = std::chrono::steady_clock::now();
  for (uint64_t low = 0; low < 100'000; ++low) {
    uint64_t x = low * b;
    x = (x ^ (x >> 32)) * a ^ 8;
    std::string id(8, '\0');
    std::memcpy(id.data(), &x, 8);
    REQUIRE(table.intern(id) == expected++);
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(3));
}

TEST_CASE("IdSet: ids are told apart by their bytes") {
  IdSet set;
  std::string long_id(1000, 'x');
  for (const std::string& id : {""s, "a"s, "a\0"s, long_id, long_id + "y"}) {
    CHECK(set.insert(id));
    CHECK(!set.insert(id));
  }
  for (int at = 0; at < 10'000; ++at) CHECK(set.insert("u" + std::to_string(at)));
  for (int at = 0; at < 10'000; ++at) CHECK(!set.insert("u" + std::to_string(at)));
  CHECK(set.size() == 10'005);
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

TEST_CASE("IdTable: an index that several threads build finds every id, and tells the first that is there twice") {
  std::string bytes;
  std::vector<uint64_t> offsets{0};
  for (int id = 0; id < 5000; ++id) {
    bytes += (id % 3 == 0 ? "a long name of an item " : "") + std::to_string(id);
    offsets.push_back(bytes.size());
  }
  const IdTable plain(bytes, offsets);
  for (const int threads : {1, 2, 7, 500}) {
    IdTable table = plain;
    table.index(threads);
    for (uint32_t id = 0; id < table.size(); ++id) REQUIRE(table.find(table[id]) == id);
    CHECK(table.find("5000") == kNoId);
    CHECK(table.intern("5000") == 5000);
  }
  const auto at = [&](uint32_t id) { return offsets[id]; };
  std::string twice = bytes;
  twice.replace(at(4000), 4, "3001");
  twice.replace(at(2999), 4, "1000");
  for (const int threads : {1, 2, 7})
    CHECK(error_of<Error>([&] { IdTable(twice, offsets).index(threads); }) == "id \"1000\" is in the table twice");
}

TEST_CASE("united: the ids of all tables in byte order, and where each of theirs is, for every number of threads") {
  for (const size_t many : {3, 20000}) {
    std::vector<IdTable> tables(5);  // the last one stays empty
    std::vector<std::string> names;
    for (size_t table = 0; table < 4; ++table) {
      for (size_t at = 0; at < many; ++at) {
        const size_t number = (at * 7919 + table * 31) % (2 * many);
        names.push_back((number % 2 == 0 ? "a name of many bytes: " : "") + std::to_string(number) + "\xff");
        tables[table].intern(names.back());
      }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::vector<const IdTable*> all;
    for (const IdTable& table : tables) all.push_back(&table);
    for (const size_t count : {size_t{1}, all.size()}) {
      for (const int threads : {1, 2, 3, 16}) {
        std::vector<std::vector<uint32_t>> renumber;
        const IdTable united_table =
            united({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)}, threads, renumber);
        REQUIRE(renumber.size() == count);
        CHECK(united_table.is_sorted());
        if (count == all.size()) {
          REQUIRE(united_table.size() == names.size());
          for (uint32_t id = 0; id < names.size(); ++id) REQUIRE(united_table[id] == names[id]);
        } else {
          REQUIRE(united_table.size() == tables[0].size());
        }
        for (size_t table = 0; table < count; ++table) {
          REQUIRE(renumber[table].size() == tables[table].size());
          for (uint32_t id = 0; id < tables[table].size(); ++id) {
            REQUIRE(united_table[renumber[table][id]] == tables[table][id]);
            REQUIRE(united_table.find(tables[table][id]) == renumber[table][id]);
          }
        }
      }
    }
  }
}

}  // namespace rec::id_table_test
