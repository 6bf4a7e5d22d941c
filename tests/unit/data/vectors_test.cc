#include "data/vectors.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "data/artefact.h"
#include "io/output.h"
#include "io/table.h"
#include "temp_folder.h"

namespace rec::vectors_test {
namespace {

std::string npy(const std::string& header, const std::string& data, char version = 1) {
  std::string out("\x93NUMPY", 6);
  out += version;
  out += '\0';
  const auto length = static_cast<uint32_t>(header.size());
  out.append(reinterpret_cast<const char*>(&length), version == 1 ? 2 : 4);
  return out + header + data;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::string header(const char* type, const char* shape) {
  return std::string("{'descr': '") + type + "', 'fortran_order': False, 'shape': " + shape + ", }          \n";
}

// "a:1,2 b:3,4"
std::string dump(const FeatureTable& table) {
  if (table.numbers.empty()) return fmt::format("{} ids without vectors", table.ids.size());
  REQUIRE(table.numbers.size() == 1);
  CHECK(table.ids.find(table.ids[0]) == 0);
  const FeatureNumbers& vectors = table.numbers[0];
  CHECK(vectors.is_vector);
  std::string text = vectors.name;
  for (size_t row = 0; row < vectors.id.size(); ++row) {
    text += " " + std::string(table.ids[vectors.id[row]]) + ":";
    for (size_t at = 0; at < vectors.size; ++at)
      text += fmt::format("{}{}", at == 0 ? "" : ",", vectors.value[row * vectors.size + at]);
  }
  return text;
}

std::string read(const std::string& text, int threads = 1) {
  return dump(read_vectors(text, IdKind::kItem, {}, threads));
}

TEST_CASE("read_vectors: a table, with or without a header, fields or blanks between the numbers") {
  const TempFolder folder;
  CHECK(read(folder.file("v.tsv", "b\t1\t-2\na\t0.5\t3\n")) == "v b:1,-2 a:0.5,3");
  CHECK(read("x=" + folder.file("h.tsv", "v1\titem\tv2\n1\tb\t-2\n0.5\ta\t3\n")) == "x b:1,-2 a:0.5,3");
  CHECK(read(folder.file("w.tsv", "b\t1 -2\na\t0.5  3\n")) == "w b:1,-2 a:0.5,3");
  CHECK(read(folder.file("t.tsv", "item_id:token\temb:float_seq\nb\t1 -2\n")) == "t b:1,-2");
  CHECK(read(folder.file("e.tsv", "")) == "0 ids without vectors");
  CHECK(dump(read_vectors(folder.file("u.tsv", "user\tv\nann\t1\n"), IdKind::kUser, {})) == "u ann:1");
}

TEST_CASE("read_vectors: malformed tables") {
  const TempFolder folder;
  const auto message = [&](const std::string& rows) {
    const std::string path = folder.file("v.tsv", rows);
    return error_of<Error>([&] { read(path); }).substr(path.size());
  };
  CHECK(message("a\t1\t2\nb\t1\tx\n") == ":2: field 3: not a number: \"x\"");
  CHECK(message("a\t1\nb\tnan\n") == ":2: field 2: not a number: \"nan\"");
  CHECK(message("a\t1\nb\tinf\n") == ":2: field 2: not a number: \"inf\"");
  CHECK(message("a\t1\t2\nb\t1\n") == ":2: expected 3 TAB-separated fields as on the first line, found 2: \"b\\t1\"");
  CHECK(message("a\t1 2\nb\t1\n") == ":2: expected 2 numbers, as in the rows before, found 1");
  CHECK(message("a\t1\nb\t\n") == ":2: expected item and numbers, found the id alone");
  CHECK(message("a\t1\nb\t2\na\t3\n") == ":3: field 1: item \"a\" is there twice");
  ReadOptions skip;
  skip.bad_lines = BadLines::kSkip;
  const FeatureTable table =
      read_vectors(folder.file("s.tsv", "z\tx\na\t1 2\nb\t1\na\t3 4\nc\t5 6\n"), IdKind::kItem, skip, 2);
  CHECK(dump(table) == "s a:1,2 c:5,6");
  CHECK(table.bad_lines == 3);
}

TEST_CASE("read_vectors: the same for every number of threads") {
  const TempFolder folder;
  std::string text;
  for (int row = 0; row < 200000; ++row) text += fmt::format("id{}\t{}\t{}\n", row, row, 0.25 * row);
  const std::string path = folder.file("many.tsv", text);
  CHECK(read(path, 1) == read(path, 3));
}

TEST_CASE("read_vectors: a numpy array of each type, with a file of ids") {
  const TempFolder folder;
  const std::string ids = folder.file("ids", "b\na\n");
  CHECK(read(folder.file("f.npy", npy(header("<f4", "(2, 2)"), bytes_of<float>({1, -2, 0.5f, 3}))) + ":" + ids) ==
        "f b:1,-2 a:0.5,3");
  CHECK(read(folder.file("d.npy", npy(header("<f8", "(2, 1)"), bytes_of<double>({1.5, -2}), 2)) + ":" +
             folder.file("named", "item\nb\na\n")) == "d b:1.5 a:-2");
  // 1, -2, the least subnormal, 65504, -0.
  CHECK(read(folder.file("h.npy",
                         npy(header("<f2", "(1,5)"), bytes_of<uint16_t>({0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000}))) +
             ":" + folder.file("one", "x\n")) == "h x:1,-2,5.9604645e-08,65504,-0");
  CHECK(read(folder.file("n.npy", npy(header("<f4", "(0, 4000000000)"), "")) + ":" + folder.file("none", "")) ==
        "0 ids without vectors");
}

TEST_CASE("read_vectors: arrays that are none, cut short, or not as they say") {
  const TempFolder folder;
  const std::string ids = folder.file("ids", "b\na\n");
  const std::string data = bytes_of<float>({1, -2, 0.5f, 3});
  const std::string good = header("<f4", "(2, 2)");
  const auto message = [&](const std::string& bytes, const std::string& part) {
    const std::string path = folder.file("v.npy", bytes);
    const std::string text = error_of<Error>([&] { read(path + part); });
    return text.starts_with(path) ? text.substr(path.size()) : text;
  };
  const std::string with_ids = ":" + ids;
  const std::string path = folder.path("v.npy");
  CHECK(message(npy(good, data), "") ==
        ": an array has no ids: say " + path + ":IDS, a file with the item of a row on each line");
  CHECK(message(npy(good, data), ":" + folder.file("three", "a\nb\nc\n")) ==
        folder.path("three") + ": 3 ids, expected 2, one for each row of " + path);
  CHECK(message(npy(good, data), ":" + folder.file("twice", "a\na\n")) ==
        folder.path("twice") + ":2: field 1: item \"a\" is there twice");
  CHECK(message(npy(good, data).substr(0, 60), with_ids) ==
        ": truncated: the header of the array ends behind the file");
  for (const size_t cut : {6u, 7u, 8u, 9u})
    CHECK(message(npy(good, data).substr(0, cut), with_ids) ==
          ": truncated: the header of the array ends behind the file");
  CHECK(message(npy(good, data.substr(1)), with_ids) == ": truncated: 15 bytes of numbers, expected 16 for 2 x 2");
  CHECK(message(npy(good, data + "x"), with_ids) == ": too long: 17 bytes of numbers, expected 16 for 2 x 2");
  CHECK(message(npy(header("<f4", "(2, 4611686018427387904)"), data), with_ids) ==
        ": an array of 2 x 4611686018427387904 numbers, more than there can be");
  CHECK(message(npy(header("<f4", "(2, 1000000000)"), data), with_ids) ==
        ": truncated: 16 bytes of numbers, expected 8000000000 for 2 x 1000000000");
  CHECK(message(npy(good, data, 9), with_ids) == ": an array of version 9, expected 1, 2 or 3");
  CHECK(message(npy(header("<i8", "(2, 1)"), data), with_ids) ==
        ": an array of \"<i8\", expected <f2, <f4 or <f8: save it as array.astype('float32')");
  CHECK(message(npy(header("<f4", "(4,)"), data), with_ids) ==
        ": an array of 1 dimension, expected 2: a row for each id");
  CHECK(message(npy(header("<f4", "(2, 1, 2, 1)"), data), with_ids) ==
        ": an array of more than 2 dimensions, expected 2: a row for each id");
  CHECK(message(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2)}\n", data), with_ids) ==
        ": an array in Fortran order, expected C order: save it as numpy.ascontiguousarray(array)");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(message(npy(good, bytes_of<float>({1, 2, 3, nan})), with_ids) ==
        ": row 2 (\"a\"), column 2: not a finite number");
  CHECK(message(npy(header("<f8", "(2, 1)"), bytes_of<double>({1e300, 1})), with_ids) ==
        ": row 1 (\"b\"), column 1: not a finite number");
  CHECK(message(npy(header("<f2", "(2, 1)"), bytes_of<uint16_t>({0x3c00, 0x7c00})), with_ids) ==
        ": row 2 (\"a\"), column 1: not a finite number");
  for (const char* bad : {"", "{", "{}", "{'descr': '<f4'}",
                          "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': "
                          "(2, 2)}",
                          "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -2)}",
                          "{'descr': '<f4', 'fortran_order': False, 'shape': (2 2)}",
                          "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)} x"}) {
    CHECK(message(npy(bad, data), with_ids) ==
          ": not an array that is read here: expected a header with descr, fortran_order and shape, of float16, "
          "float32 or float64");
  }
}

TEST_CASE("read_vectors: a tensor of a model, in either encoding") {
  const TempFolder folder;
  Artefact model;
  for (const char* id : {"a", "b"}) model.items.intern(id);
  model.users.intern("u");
  const std::vector<float> items{1, 2, 3, 4}, users{5, 6}, counts{7, 8};
  model.add("items.factors", ConstMatrixView{items.data(), 2, 2, 2});
  model.add("items.count", counts);
  model.add("users.other", ConstMatrixView{users.data(), 1, 2, 2});
  for (const Encoding encoding : {Encoding::kText, Encoding::kSafetensors}) {
    const std::string path = folder.path("als.model");
    Output out(path);
    write_artefact(model, encoding, out, 1);
    out.finish();
    CHECK(read(path) == "als a:1,2 b:3,4");
    CHECK(read("x=" + path + ":items.factors") == "x a:1,2 b:3,4");
    CHECK(dump(read_vectors(path, IdKind::kUser, {})) == "als u:5,6");
    CHECK(read(path + ":users.other") == "als u:5,6");
    CHECK(error_of<Error>([&] { read(path + ":items.count"); }) ==
          path + ": no vectors \"items.count\" with a row for each id; there are: items.factors, users.other");
  }
  Artefact none;
  none.items.intern("a");
  none.add("items.count", std::vector<float>{1});
  Output out(folder.path("pop.model"));
  write_artefact(none, Encoding::kText, out, 1);
  out.finish();
  CHECK(error_of<Error>([&] { read(folder.path("pop.model")); }) ==
        folder.path("pop.model") + ": no tensor \"items.factors\", nor other vectors");
}

TEST_CASE("read_vectors: a part of a table") {
  const TempFolder folder;
  const std::string path = folder.file("v.tsv", "a\t1\n");
  CHECK(error_of<Error>([&] { read(path + ":ids"); }) ==
        path + ": a table has its ids in it: \":ids\" is for an array or a model");
}

}  // namespace
}  // namespace rec::vectors_test
