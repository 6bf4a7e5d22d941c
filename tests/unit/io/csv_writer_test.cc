#include "io/csv_writer.h"

#include <doctest/doctest.h>

#include <string>

#include "base/rng.h"
#include "io/csv.h"
#include "io/output.h"
#include "temp_folder.h"

namespace rec::csv_writer_test {

namespace {

std::string csv(std::string_view rows, size_t part) {
  CsvWriter writer;
  std::string out;
  for (size_t at = 0; at < rows.size(); at += part) writer.convert(rows.substr(at, part), out);
  writer.finish(out);
  return out;
}

std::string read_back(std::string text) {
  CsvConverter converter("a", ",");
  const size_t size = text.size();
  text.resize(size + 2 * CsvConverter::kRoom);
  const size_t made = converter.convert(text.data(), size);
  text.resize(made + converter.finish(text.data() + made));
  CHECK(!converter.problem());
  return text;
}

}  // namespace

TEST_CASE("CSV is written with quotes only where a field needs them") {
  CHECK(csv("user\titem\nann\t007\n", 99) == "user,item\nann,007\n");
  CHECK(csv("a,b\tsay \"hi\"\t \t\n", 99) == "\"a,b\",\"say \"\"hi\"\"\", ,\n");
  CHECK(csv("a\rb\tc\n", 99) == "\"a\rb\",c\n");
  CHECK(csv("", 1).empty());
  CHECK(csv("no line end, yet", 3) == "\"no line end, yet\"");
}

TEST_CASE("CSV that was written reads back to the same rows, and does not depend on how they were cut") {
  Rng random(3);
  const std::string_view bytes = "ab,\"; :'\\0\xc3\xa9";
  for (int round = 0; round < 200; ++round) {
    std::string rows;
    for (int row = 0; row < 4; ++row) {
      for (int field = 0; field < 3; ++field) {
        for (size_t more = 1 + random.below(6); more > 0; --more) rows += bytes[random.below(bytes.size())];
        rows += field < 2 ? '\t' : '\n';
      }
    }
    const std::string whole = csv(rows, rows.size());
    for (const size_t part : {1, 2, 7}) CHECK(csv(rows, part) == whole);
    CHECK(read_back(whole) == rows);
  }
}

TEST_CASE("Output: a table is CSV where the name says so, what is no table never") {
  const TempFolder folder;
  for (const char* name : {"a.csv", "a.tsv", "b.csv"}) {
    Output out(folder.path(name));
    if (std::string_view(name) == "b.csv") out.no_table();
    out.write("u,\t");
    out.flush();
    out.write("i\n");
    out.finish();
  }
  CHECK(folder.read("a.csv") == "\"u,\",i\n");
  CHECK(folder.read("a.tsv") == "u,\ti\n");
  CHECK(folder.read("b.csv") == "u,\ti\n");
  CHECK(make_csv_writer("t.csv.gz") != nullptr);
  CHECK(make_csv_writer("t.csv.zst") != nullptr);
  CHECK(make_csv_writer("t.csv.txt") == nullptr);
  CHECK(make_csv_writer("-") == nullptr);
}

}  // namespace rec::csv_writer_test
