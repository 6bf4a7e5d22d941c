#include "io/csv.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/input.h"
#include "io/table.h"
#include "temp_folder.h"

namespace rec::csv_test {

namespace {

// The whole text converted, handed over in parts of `part` bytes.
std::string convert(const std::string& text, const std::string& delimiter, size_t part, CsvConverter& converter) {
  std::string all;
  std::string room;
  for (size_t at = 0; at < text.size(); at += part) {
    room = text.substr(at, part);
    const size_t size = room.size();
    room.resize(size + CsvConverter::kRoom);
    const size_t made = converter.convert(room.data(), size);
    REQUIRE(made <= room.size());
    all += room.substr(0, made);
  }
  for (int call = 0; call < 3; ++call) {
    room.assign(CsvConverter::kRoom, '\0');
    const size_t made = converter.finish(room.data());
    CHECK((call == 0 || made == 0));
    all += room.substr(0, made);
  }
  (void)delimiter;
  return all;
}

// The same for any size of the parts, or a failure.
std::string convert(const std::string& text, const std::string& delimiter = ",") {
  std::string all;
  for (size_t part = std::max<size_t>(1, text.size()); part > 0; --part) {
    CsvConverter converter("a", delimiter);
    const std::string now = convert(text, delimiter, part, converter);
    if (part == std::max<size_t>(1, text.size())) all = now;
    CHECK(now == all);
  }
  return all;
}

std::string read_rows(const std::string& path, const ReadOptions& options) {
  try {
    TableReader reader(path, interactions_spec(), options);
    std::string rows = reader.layout().header ? "header " : "";
    while (reader.next()) {
      reader.parse(1, 1, [&](size_t, const Line& line) {
        rows += std::string(id_field(line, reader.layout().position[0], "user")) + "=" +
                std::string(id_field(line, reader.layout().position[1], "item")) + " ";
      });
    }
    return rows + (reader.bad_lines() > 0 ? fmt::format("bad={}", reader.bad_lines()) : "");
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("csv_delimiter: the name of a file, then the options") {
  const CsvOptions none;
  const CsvOptions all{true, ""};
  const CsvOptions semicolon{true, ";"};
  CHECK(csv_delimiter("a.csv", none) == ",");
  CHECK(csv_delimiter("a.CSV.gz", none) == ",");
  CHECK(csv_delimiter("a.csv.zst", semicolon) == ";");
  CHECK_FALSE(csv_delimiter("a.tsv", all));
  CHECK_FALSE(csv_delimiter("a.tsv.gz", semicolon));
  CHECK_FALSE(csv_delimiter("-", none));
  CHECK_FALSE(csv_delimiter("csv", none));
  CHECK(csv_delimiter("-", all) == ",");
  CHECK(csv_delimiter("ratings.dat", semicolon) == ";");
  for (const char* bad : {"", ",,", ":", "\"", "\n"}) {
    if (bad == std::string(":")) continue;  // one byte
    CHECK(error_of<UsageError>([&] { check_delimiter(bad); }).starts_with("--delimiter \""));
  }
  check_delimiter("::");
  check_delimiter("\t");
}

TEST_CASE("CsvConverter: fields, quotes, line ends, whatever the parts") {
  CHECK(convert("a,b\n1,2\n") == "a\tb\n1\t2\n");
  CHECK(convert("a,b\r\n1,2") == "a\tb\r\n1\t2");
  CHECK(convert("\"a\",\"b,c\"\r\n\"1\"\"2\",\"\"\n") == "a\tb,c\r\n1\"2\t\n");
  CHECK(convert("a,b\"c\n\"\"\"\",d\n") == "a\tb\"c\n\"\td\n");  // a quote within an unquoted field is a byte
  CHECK(convert("\xef\xbb\xbf\"a\",b\n") ==
        "\xef\xbb\xbf"
        "a\tb\n");
  CHECK(convert(",\n,\n") == "\t\n\t\n");
  CHECK(convert("a\n\"\"") == "a\n\n");
  CHECK(convert("").empty());
  CHECK(convert("a;b,c\n", ";") == "a\tb,c\n");
  CHECK(convert("\"a\tb\"\tc\nd\te\n", "\t") == "ab\tc\nd\te\n");  // refused: see below
  CHECK(convert("a\t\"b\"\"\"\n", "\t") == "a\tb\"\n");
  CHECK(convert("a b\n", " ") == "a\tb\n");
}

TEST_CASE("CsvConverter: :: as MovieLens has it, without quotes") {
  CHECK(convert("1::2::\"x\n1::a:b:::c\n:::x\n", "::") == "1\t2\t\"x\n1\ta:b\t:c\n\t:x\n");
  CHECK(convert("1::2:\n1:", "::") == "1\t2:\n1:");
  std::string text;
  std::string wanted;
  for (int line = 0; line < 200; ++line) text += fmt::format("{}::{}:x::5\n", line, line * 3);
  for (int line = 0; line < 200; ++line) wanted += fmt::format("{}\t{}:x\t5\n", line, line * 3);
  CHECK(convert(text, "::") == wanted);
}

TEST_CASE("CsvConverter: records that no table can hold have another number of fields, and are told with their line") {
  struct Case {
    const char* text;
    uint64_t line;
    int field;
    const char* problem;
  };
  const Case cases[] = {
      {"a,b\n1,\"2\n3\"\nx,y\n", 2, 2, "a line end within quotes"},
      {"a,b\n\"1\r\n\n\",2\nx,y\n", 2, 1, "a line end within quotes"},
      {"a,b\n1\t,2\nx,y\n", 2, 1, "a TAB"},
      {"a,b\nx,y\n1,\"2\t\"\n", 3, 2, "a TAB"},
      {"a,b\n\"1\"2,3\nx,y\n", 2, 1, "text behind the closing quote"},
      {"a,b\nx,y\n1,\"2\n\n", 3, 2, "a quote opens here and never closes"},
      {"a,b\nx,y\n\"", 3, 1, "a quote opens here and never closes"},
      {"a\nx\n\"", 3, 1, "a quote opens here and never closes"},
      {"a,b\nx\t\n", 2, 1, "a TAB"},  // the TAB does not stand for the field that lacks
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const std::string text = c.text;
    const auto fields = [](std::string_view line) { return std::count(line.begin(), line.end(), '\t') + 1; };
    for (size_t part = 1; part <= text.size(); ++part) {
      CsvConverter converter("a", ",");
      std::string made = convert(text, ",", part, converter);
      REQUIRE(converter.problem());
      CHECK(converter.problem()->line == c.line);
      CHECK(converter.problem()->field == c.field);
      CHECK(converter.problem()->text.starts_with(c.problem));
      if (made.back() != '\n') made += '\n';
      std::vector<long> counts;
      for (size_t at = 0; at < made.size(); at = made.find('\n', at) + 1)
        counts.push_back(fields(std::string_view(made).substr(at, made.find('\n', at) - at)));
      CHECK(std::count_if(counts.begin(), counts.end(), [&](long count) { return count != counts[0]; }) == 1);
    }
  }
}

TEST_CASE("CsvConverter: large texts are converted as small ones are") {
  std::mt19937 random(3);
  const std::string bytes = "ab,,\n\"\r:;x";
  for (int round = 0; round < 8; ++round) {
    // Long runs without quotes take the fast way, and those with some do not.
    std::string text = "h,h,h\n";
    while (text.size() < 70000) {
      if (random() % 8 == 0) {
        for (int n = 0; n < 40; ++n) text += bytes[random() % bytes.size()];
      } else {
        for (int n = 0; n < 4000; ++n) text += bytes[random() % 5];
      }
    }
    for (const char* delimiter : {",", ":", "::"}) {
      CsvConverter one("a", delimiter);
      CsvConverter other("a", delimiter);
      const std::string whole = convert(text, delimiter, text.size(), one);
      CHECK(whole == convert(text, delimiter, 1 + random() % 20000, other));
      CHECK(one.joined_lines() == other.joined_lines());
      CsvConverter slow("a", delimiter);
      CHECK(whole == convert(text, delimiter, 1, slow));
      CHECK(one.problem().has_value() == slow.problem().has_value());
      if (one.problem() && slow.problem()) CHECK(one.problem()->line == slow.problem()->line);
    }
  }
}

TEST_CASE("CsvConverter: a quote that stays open ends the reading, not the memory") {
  CsvConverter converter("a", ",");
  std::string text = "a,b\nx,\"" + std::string(3 << 20, 'y');
  text.resize(text.size() + CsvConverter::kRoom);
  CHECK(error_of<Error>([&] { (void)converter.convert(text.data(), text.size() - CsvConverter::kRoom); }) ==
        "a:2: field 2: a quote opens here, and is still open 1048576 bytes further on");
}

TEST_CASE("TableReader: CSV by name and by option, errors with the lines of the file") {
  const TempFolder folder;
  const std::string csv = folder.file("t.csv", "item,user\r\n\"a,b\",u\r\n\"x\ny\",v\r\nc,w\r\n");
  CHECK(read_rows(csv, {}) == csv +
                                  ":3: field 1: a line end within quotes, which no table can hold; --bad-lines skip "
                                  "passes over such records");
  CHECK(read_rows(csv, {"", BadLines::kSkip, {}}) == "header u=a,b w=c bad=1");
  const std::string later = folder.file("u.csv", "user,item\n\"x\n\",y\nu,a,b\n");
  ReadOptions skip{"", BadLines::kSkip, {}};
  CHECK(read_rows(later, skip) == "header bad=2");
  const std::string wide = folder.file("w.csv", "user,item\nu,\"a,1\"\nu,a,b\n");
  CHECK(read_rows(wide, {}) == wide + ":3: expected 2 comma-separated fields as on the first line, found 3: \"u,a,b\"");
  const std::string first = folder.file("f.csv", "user,\"it\nem\"\nu,a\n");
  CHECK(read_rows(first, {}).starts_with(first + ":1: field 2: a line end within quotes"));
  ReadOptions colons;
  colons.csv = {true, "::"};
  const std::string dat = folder.file("ratings.dat", "1::1193::5::978300760\n1::661::x::978302109\n");
  CHECK(read_rows(dat, colons) == "1=1193 1=661 ");
  CHECK(read_rows(folder.file("t.tsv", "u\ta::b\n"), colons) == "u=a::b ");
}

}  // namespace rec::csv_test
