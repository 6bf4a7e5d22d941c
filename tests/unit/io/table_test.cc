#include "io/table.h"

#include <doctest/doctest.h>

#include <mutex>

#include "temp_folder.h"

namespace rec::table_test {

namespace {

// What a reader of interactions makes of `text`: each line's user and item, or
// the error.
std::string read_table(const std::string& text, const ReadOptions& options = {}, int threads = 1,
                       uint64_t* bad = nullptr) {
  const TempFolder folder;
  const std::string path = folder.file("t", text);
  std::string out;
  try {
    TableReader reader(path, interactions_spec(), options);
    if (reader.layout().header) out += "header;";
    while (reader.next()) {
      std::vector<std::string> pieces(4);
      reader.parse(threads, 4, [&](size_t piece, const Line& line) {
        std::string row(id_field(line, reader.layout().position[0], "user"));
        row += '/';
        row += id_field(line, reader.layout().position[1], "item");
        if (reader.layout().has(2)) row += fmt::format("={}", number_field(line, reader.layout().position[2]));
        if (reader.layout().has(3)) row += fmt::format("@{}", number_field(line, reader.layout().position[3]));
        pieces[piece] += row + ";";
      });
      for (const auto& piece : pieces) out += piece;
    }
    if (bad != nullptr) *bad = reader.bad_lines();
  } catch (const std::exception& error) {
    const std::string what = error.what();
    return what.starts_with(path) ? "t" + what.substr(path.size()) : what;
  }
  return out;
}

std::string mapped(const std::string& text, const std::string& columns) {
  return read_table(text, {columns, BadLines::kFail, {}});
}

}  // namespace

TEST_CASE("header rule: the required names make a header, in any order, with any others") {
  CHECK(read_table("a\tb\n") == "a/b;");
  CHECK(read_table("user\titem\na\tb\n") == "header;a/b;");
  CHECK(read_table("item\tx\tuser\nb\t?\ta\n") == "header;a/b;");
  CHECK(read_table("timestamp\tvalue\titem\tuser\n4\t3\tb\ta\n") == "header;a/b=3@4;");
  CHECK(read_table("who\titem\na\tb\n") == "who/item;a/b;");
  CHECK(read_table("\xef\xbb\xbfuser\titem\na\tb\n") == "header;a/b;");  // a byte order mark
  CHECK(read_table("user\titem\n") == "header;");
  CHECK(read_table("user\titem") == "header;");
  CHECK(read_table("") == "");
  CHECK(read_table("user\titem\tuser\n") == "t:1: field 3: column \"user\" is in the header twice");
}

TEST_CASE("positions without a header") {
  CHECK(read_table("a\tb\t3\t4\tmore\n") == "a/b=3@4;");
  CHECK(read_table("a\n") ==
        "t:1: expected at least 2 TAB-separated fields (user item [value] [timestamp]), found 1: \"a\"");
  CHECK(read_table("\n") ==
        "t:1: expected at least 2 TAB-separated fields (user item [value] [timestamp]), found 1: \"\"");
}

TEST_CASE("line ends: CRLF, no LF at the end, blank lines") {
  CHECK(read_table("a\tb\r\nc\td") == "a/b;c/d;");
  CHECK(read_table("user\titem\r\nc\td\r\n") == "header;c/d;");
  CHECK(read_table("a\tb\n\n") == "t:2: empty line, expected 2 TAB-separated fields");
  CHECK(read_table("a\tb\nc\n") == "t:2: expected 2 TAB-separated fields as on the first line, found 1: \"c\"");
  CHECK(read_table("a\tb\nc\td\t\n") ==
        "t:2: expected 2 TAB-separated fields as on the first line, found 3: \"c\\td\\t\"");
}

TEST_CASE("fields: empty ids and what is no number") {
  CHECK(read_table("a\tb\n\tc\n") == "t:2: field 1: empty user id");
  CHECK(read_table("a\t\n") == "t:1: field 2: empty item id");
  CHECK(read_table("a\tb\tnan\n") == "t:1: field 3: not a number: \"nan\"");
  CHECK(read_table("a\tb\t1\t1e999\n") ==
        "t:1: field 4: not a time: \"1e999\" (expected a number, or a date such as 2021-09-05 or "
        "2021-09-05T08:00:00Z)");
}

TEST_CASE("--columns: names") {
  CHECK(mapped("userId\tmovieId\trating\n1\t2\t3\n", "user=userId,item=movieId,value=rating") == "header;1/2=3;");
  CHECK(mapped("item\twho\n1\t2\n", "user=who") == "header;2/1;");
  CHECK(mapped("a\tb\n", "user=who") == "t:1: --columns names the field \"who\", not found in the header \"a\\tb\"");
  CHECK(mapped("who\tb\n", "user=who") == "t:1: no column \"item\" in the header \"who\\tb\"");
  CHECK(mapped("user\titem\n", "value=rating") ==
        "t:1: --columns names the field \"rating\", not found in the header \"user\\titem\"");
}

TEST_CASE("--columns: positions") {
  CHECK(mapped("1\t2\t3\t4\n", "user=2,item=1,timestamp=4") == "2/1@4;");
  CHECK(mapped("item\tuser\n1\t2\n", "user=2,item=1") == "header;2/1;");
  CHECK(mapped("1\t2\n", "user=1,item=3") == "t:1: --columns wants field 3 for item, found 2 fields");
}

TEST_CASE("--columns: what is wrong is a usage error") {
  auto error = [](const std::string& map) {
    return error_of<UsageError>([&] { (void)ColumnMap::parse(map, interactions_spec()); });
  };
  CHECK(error("") == "");
  CHECK(error("user") == "--columns: expected COLUMN=FIELD, found \"user\"");
  CHECK(error("user=") == "--columns: expected COLUMN=FIELD, found \"user=\"");
  CHECK(error("=1") == "--columns: expected COLUMN=FIELD, found \"=1\"");
  CHECK(error("usr=1") == "--columns: no column \"usr\" in interactions (user item [value] [timestamp])");
  CHECK(error("user=1,user=2") == "--columns: column \"user\" is given twice");
  CHECK(error("user=0,item=1") == "--columns: positions count from 1, found 0");
  CHECK(error("user=-1,item=1") == "--columns: positions count from 1, found -1");
  CHECK(error("user=1,item=x") == "--columns: give either names or positions, not both");
  CHECK(error("user=1") == "--columns: no position for the required column \"item\"");
  CHECK(error("user=1,item=1") == "--columns: user and item are both \"1\"");
}

TEST_CASE("--bad-lines skip counts, the rest is read") {
  uint64_t bad = 0;
  const ReadOptions skip{"", BadLines::kSkip, {}};
  CHECK(read_table("a\tb\t1\n\nc\td\tx\n\te\t1\nf\tg\t2\n", skip, 2, &bad) == "a/b=1;f/g=2;");
  CHECK(bad == 3);
}

TEST_CASE("the first bad line is named, whatever the number of threads") {
  std::string text;
  for (int line = 1; line <= 1000; ++line) text += line % 100 == 77 ? "x\n" : "a\tb\n";
  for (const int threads : {1, 2, 3}) {
    CHECK(read_table(text, {}, threads) ==
          "t:77: expected 2 TAB-separated fields as on the first line, found 1: \"x\"");
  }
}

TEST_CASE("a header of many fields, one of 10 MB, and more lines than a chunk") {
  std::string header = "user";
  for (int field = 0; field < 5000; ++field) header += "\tf" + std::to_string(field);
  header += "\titem\n";
  CHECK(read_table(header) == "header;");
  const std::string huge(10 << 20, 'x');
  CHECK(read_table("user\titem\na\t" + huge + "\nc\td\n") == "header;a/" + huge + ";c/d;");
  CHECK(read_table(huge) ==
        "t:1: expected at least 2 TAB-separated fields (user item [value] [timestamp]), found 1: \"" +
            std::string(60, 'x') + "...\"");
}

TEST_CASE("header_line: the spec's names, whatever the map") {
  auto header = [](const std::string& text, const std::string& columns) {
    const TempFolder folder;
    TableReader reader(folder.file("t", text), interactions_spec(), {columns, BadLines::kFail, {}});
    return header_line(interactions_spec(), reader.layout());
  };
  CHECK(header("1\t2\t3\t4\t5\n", "") == "user\titem\tvalue\ttimestamp\tfield5\n");
  CHECK(header("1\t2\t3\n", "user=3,item=1") == "item\tfield2\tuser\n");
  CHECK(header("x\twho\tmovie\n", "user=who,item=movie") == "x\tuser\titem\n");
  CHECK(header("", "") == "user\titem\n");
}

TEST_CASE("progress is told the bytes read") {
  const TempFolder folder;
  uint64_t bytes = 0;
  uint64_t whole = 0;
  TableReader reader(folder.file("t", "a\tb\nc\td\n"), users_spec(),
                     {"", BadLines::kFail, [&](uint64_t read, uint64_t total) { bytes = read, whole = total; }}, 4);
  while (reader.next()) {
  }
  CHECK(bytes == 8);
  CHECK(whole == 8);
}

TEST_CASE("several files are one table; each may have a header, empty ones say nothing") {
  const TempFolder folder;
  const auto rows = [&](const std::vector<std::string>& texts) {
    std::vector<std::string> paths;
    for (const std::string& text : texts) paths.push_back(folder.file(fmt::format("t{}", paths.size()), text));
    ReadOptions options;
    options.more_files.emplace(paths.begin() + 1, paths.end());
    std::string out;
    try {
      TableReader reader(paths.front(), interactions_spec(), options);
      while (reader.next()) {
        reader.parse(1, 1, [&](size_t, const Line& line) { out += std::string(line.text) + ";"; });
      }
    } catch (const Error& error) {
      const std::string what = error.what();
      return out + what.substr(what.rfind('/') == std::string::npos ? 0 : what.find("/t") + 1);
    }
    return out;
  };
  CHECK(rows({"a\tb\n", "c\td"}) == "a\tb;c\td;");
  CHECK(rows({"user\titem\na\tb\n", "user\titem\nc\td\n", "e\tf\n"}) == "a\tb;c\td;e\tf;");
  CHECK(rows({"", "user\titem\n", "", "user\titem\nc\td\n", ""}) == "c\td;");
  CHECK(rows({"", ""}) == "");
  CHECK(rows({"a\tb\n", "c\td\ne\n"}).find("t1:2: expected 2 TAB-separated fields") != std::string::npos);
  CHECK(rows({"a\tb\n", "c\td\t1\n"}).find("found 3 fields without a header") != std::string::npos);
  CHECK(rows({"user\titem\tx\na\tb\tc\n", "user\titem\ty\nc\td\te\n"}).find("same columns") != std::string::npos);
}

TEST_CASE("a header line that comes again is a bad line; a line without a header may come again") {
  CHECK(read_table("user\titem\na\tb\nuser\titem\n").find("t:3: the header line again") == 0);
  CHECK(read_table("user\titem\na\tb\nuser\titem\nc\td\n", {"", BadLines::kSkip, {}}) == "header;a/b;c/d;");
  CHECK(read_table("a\tb\na\tb\n") == "a/b;a/b;");
}

}  // namespace rec::table_test
