#include "data/interactions_safetensors.h"

#include <doctest/doctest.h>

#include <random>

#include "base/error.h"
#include "data/artefact_codec.h"
#include "data/interactions_tsv.h"
#include "io/output.h"
#include "temp_folder.h"

namespace rec::interactions_safetensors_test {
namespace {

constexpr OptionalColumns kAll{.value = true, .timestamp = true, .weight = true};

// Rows in no order, with every column; pairs come again.
Interactions many_rows(size_t rows) {
  Interactions data;
  for (int user = 100; user < 150; ++user) data.users.intern("u" + std::to_string(user));
  for (int item = 100; item < 130; ++item) data.items.intern("i" + std::to_string(item));
  std::mt19937_64 random(7);
  for (size_t row = 0; row < rows; ++row) {
    data.user.push_back(row < 50 ? static_cast<uint32_t>(row) : static_cast<uint32_t>(random() % 50));
    data.item.push_back(row < 30 ? static_cast<uint32_t>(row) : static_cast<uint32_t>(random() % 30));
    data.value.push_back(static_cast<float>(random() % 100) / 8);
    data.timestamp.push_back(static_cast<double>(random() % 1000000));
    data.weight.push_back(static_cast<float>(1 + random() % 100) / 8);
  }
  return data;
}

std::string written(const Interactions& data, const TempFolder& folder, const std::string& name) {
  Output out(folder.path(name));
  encode_interactions(data, true, out);
  out.finish();
  return folder.path(name);
}

Interactions read(const std::string& path, OptionalColumns wanted = kAll, int threads = 2) {
  return read_interactions(path, {}, wanted, threads).data;
}

void check_same(const Interactions& a, const Interactions& b) {
  CHECK(a.users.bytes() == b.users.bytes());
  CHECK(a.items.bytes() == b.items.bytes());
  CHECK(a.user == b.user);
  CHECK(a.item == b.item);
  CHECK(a.value == b.value);
  CHECK(a.timestamp == b.timestamp);
  CHECK(a.weight == b.weight);
  CHECK(a.timestamp_rest == b.timestamp_rest);
  CHECK(a.dates == b.dates);
}

std::string error_of(const std::string& path) {
  try {
    (void)read(path);
  } catch (const Error& error) {
    return std::string(error.what()).substr(path.size());
  }
  return "";
}

TEST_CASE("interactions in binary: what was written is read") {
  const TempFolder folder;
  Interactions data = many_rows(1000);
  check_same(read(written(data, folder, "a.safetensors")), data);
  data = sorted_by_user(data);
  CHECK(is_sorted_by_user(data));
  check_same(read(written(data, folder, "b.safetensors")), data);
  data.timestamp_rest.resize(data.size());
  data.timestamp.own()[3] = 9007199254740992.0;
  data.timestamp_rest.own()[3] = 1;
  data.dates = true;
  check_same(read(written(data, folder, "c.safetensors")), data);
  data.value.clear();
  data.timestamp_rest.clear();
  check_same(read(written(data, folder, "d.safetensors")), data);
  check_same(read(written(Interactions(), folder, "e.safetensors")), Interactions());
}

TEST_CASE("interactions in binary: columns that are not wanted stay away") {
  const TempFolder folder;
  const Interactions data = many_rows(100);
  const Interactions its = read(written(data, folder, "a.safetensors"), {.value = true});
  CHECK(its.value == data.value);
  CHECK(its.timestamp.empty());
  CHECK(its.weight.empty());
}

TEST_CASE("interactions in binary: ids without a row are left out, as a table has none") {
  const TempFolder folder;
  Interactions data = many_rows(100);
  data.users.intern("z");
  data.items.intern("z");
  const Interactions its = read(written(data, folder, "a.safetensors"));
  CHECK(its.users.size() == 50);
  CHECK(its.items.size() == 30);
  CHECK(its.user == data.user);
}

TEST_CASE("interactions in binary: each byte of the data is guarded") {
  const TempFolder folder;
  const std::string path = written(many_rows(60), folder, "a.safetensors");
  const std::string good = folder.read("a.safetensors");
  uint64_t length = 0;
  good.copy(reinterpret_cast<char*>(&length), 8);
  for (size_t at = 8 + length; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    folder.file("a.safetensors", bad);
    CHECK_MESSAGE(error_of(path) == ": damaged: the checksum of block 1 of 1 of the data does not match", at);
  }
  std::string bad = good;
  bad[bad.find("\"sorted\":\"no\"") + 3] = 'a';
  folder.file("a.safetensors", bad);
  CHECK(error_of(path) == ": damaged: the checksum of the header does not match");
}

TEST_CASE("interactions in binary: rows beyond one part are checked, on any number of threads") {
  const TempFolder folder;
  constexpr size_t kPart = size_t{1} << 18;
  Interactions data = sorted_by_user(many_rows(2 * kPart + 10));
  const std::string path = written(data, folder, "a.safetensors");
  check_same(read(path, kAll, 1), data);
  check_same(read(path, kAll, 7), data);
  data.value.own()[2 * kPart + 3] = INFINITY;
  CHECK(error_of(written(data, folder, "a.safetensors")) == ": row 524292: the value is not a finite number");
  data = sorted_by_user(many_rows(2 * kPart + 10));
  for (const float bad : {0.0f, -1.0f, INFINITY, NAN}) {
    data.weight.own()[2 * kPart + 3] = bad;
    CHECK(error_of(written(data, folder, "a.safetensors")) ==
          ": row 524292: the weight is not a finite number above 0");
  }
}

TEST_CASE("joined: the rows of several tables, numbered by the ids of all") {
  Interactions first = many_rows(100);
  Interactions second;
  for (const char* id : {"u149", "z"}) second.users.intern(id);
  for (const char* id : {"a", "i100"}) second.items.intern(id);
  second.user = {1, 0};
  second.item = {0, 1};
  second.value = {1, 2};
  second.timestamp = {3, 4};
  second.weight = {5, 6};
  second.timestamp_rest = {0, 0.25};
  std::vector<Interactions> tables{first, second};
  const Interactions all = joined(std::move(tables), 2);
  CHECK(all.size() == 102);
  CHECK(all.users.is_sorted());
  CHECK(all.items.is_sorted());
  for (size_t row = 0; row < 102; ++row) {
    const Interactions& from = row < 100 ? first : second;
    const size_t at = row < 100 ? row : row - 100;
    CHECK(all.users[all.user[row]] == from.users[from.user[at]]);
    CHECK(all.items[all.item[row]] == from.items[from.item[at]]);
    CHECK(all.value[row] == from.value[at]);
    CHECK(all.timestamp[row] == from.timestamp[at]);
    CHECK(all.weight[row] == from.weight[at]);
  }
  CHECK(all.timestamp_rest[99] == 0);
  CHECK(all.timestamp_rest[101] == 0.25);
}

TEST_CASE("selected: some rows, with the ids that these have") {
  const Interactions data = many_rows(100);
  std::vector<bool> keep(100);
  keep[3] = keep[70] = true;
  const Interactions its = selected(data, keep);
  CHECK(its.size() == 2);
  CHECK(its.users.size() == 2);
  std::string lines;
  append_row(its, 0, lines);
  append_row(its, 1, lines);
  std::string expected;
  append_row(data, 3, expected);
  append_row(data, 70, expected);
  CHECK(lines == expected);
}

}  // namespace
}  // namespace rec::interactions_safetensors_test
