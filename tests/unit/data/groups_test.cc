#include "data/groups.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "temp_folder.h"

namespace rec::groups_test {

namespace {

TableSpec scores_spec() { return {"scores", {{"user"}, {"item"}, {"score", true, TableSpec::Kind::kNumber}}}; }

std::string groups_of(const std::string& text, Grouping grouping, int threads = 1, const ReadOptions& options = {}) {
  const TempFolder folder;
  const std::string path = folder.file("t", text);
  std::string out;
  try {
    GroupReader reader(path, scores_spec(), options, grouping);
    while (reader.next(threads)) {
      std::vector<std::string> pieces(reader.pieces());
      reader.for_each_group(threads, [&](size_t piece, const Group& group) {
        pieces[piece] += std::string(group.user) + ":";
        for (size_t row = 0; row < group.rows; ++row) {
          pieces[piece] += fmt::format("{}={},", group.field(row, 1), group.number(row, 2));
        }
        pieces[piece] += ";";
      });
      for (const auto& piece : pieces) out += piece;
    }
    if (reader.bad_lines() > 0) out += fmt::format(" bad {}", reader.bad_lines());
  } catch (const Error& error) {
    const std::string what = error.what();
    return what.starts_with(path) ? "t" + what.substr(path.size()) : what;
  }
  return out;
}

const Grouping kAll[] = {Grouping::kAuto, Grouping::kGrouped, Grouping::kUngrouped};
const ReadOptions kSkip{"", BadLines::kSkip, {}};

}  // namespace

TEST_CASE("GroupReader: users that stand together") {
  for (const Grouping grouping : kAll) {
    CHECK(groups_of("b\t1\t5\nb\t2\t6\na\t1\t7\n", grouping) == "b:1=5,2=6,;a:1=7,;");
    CHECK(groups_of("score\titem\tuser\n5\t1\tb\n6\t2\tb\n7\t1\ta", grouping) == "b:1=5,2=6,;a:1=7,;");
    CHECK(groups_of("", grouping) == "");
    CHECK(groups_of("user\titem\tscore\n", grouping) == "");
    CHECK(groups_of("a\t1\t5\r\na\t2\t6\r\n", grouping) == "a:1=5,2=6,;");
    CHECK(groups_of("item\tscore\tuser\r\n1\t5\ta\r\n2\t6\ta", grouping) == "a:1=5,2=6,;");
  }
}

TEST_CASE("GroupReader: users that come back are regrouped, or an error under kGrouped") {
  const std::string text = "b\t1\t5\na\t1\t7\nb\t2\t6\nc\t1\t8\na\t2\t9\n";
  CHECK(groups_of(text, Grouping::kAuto) == "b:1=5,2=6,;a:1=7,2=9,;c:1=8,;");
  CHECK(groups_of(text, Grouping::kUngrouped) == "b:1=5,2=6,;a:1=7,2=9,;c:1=8,;");
  CHECK(groups_of(text, Grouping::kGrouped) ==
        "t:3: field 1: user \"b\" comes back after other users; sort the input by user, or pass --ungrouped");
}

TEST_CASE("GroupReader: bad lines are named by the line of the file, regrouped or not") {
  for (const Grouping grouping : kAll) {
    CHECK(groups_of("a\t1\t5\nb\t1\tx\n", grouping) == "t:2: field 3: not a number: \"x\"");
    CHECK(groups_of("a\t1\t5\n\t1\t5\n", grouping) == "t:2: field 1: empty user id");
    CHECK(groups_of("a\t1\t5\na\t\t5\n", grouping) == "t:2: field 2: empty item id");
    CHECK(groups_of("a\t1\t5\na\t1\n", grouping) ==
          "t:2: expected 3 TAB-separated fields as on the first line, found 2: \"a\\t1\"");
  }
  CHECK(groups_of("user\titem\tscore\nb\t1\t5\na\t1\t7\nb\t2\t6\nb\t3\tx\n", Grouping::kAuto) ==
        "t:5: field 3: not a number: \"x\"");
}

TEST_CASE("GroupReader: skipped lines end no group and are counted") {
  for (const Grouping grouping : kAll) {
    CHECK(groups_of("a\t1\t5\n\na\t2\t6\nb\t1\n"
                    "b\t1\t7\n",
                    grouping, 1, kSkip) == "a:1=5,2=6,;b:1=7,; bad 2");
    CHECK(groups_of("a\t1\t5\nX\ta\n\t\t\na\t2\t6\n", grouping, 1, kSkip) == "a:1=5,2=6,; bad 2");
    CHECK(groups_of("a\t1\t5\na\t2\tx\na\t3\t6\n", grouping, 1, kSkip) == "a:1=5,3=6,; bad 1");
    CHECK(groups_of("a\t1\tx\nb\t2\t6\n", grouping, 1, kSkip) == "b:2=6,; bad 1");
  }
}

TEST_CASE("GroupReader: skipped lines never cut a group in two, wherever the batch is cut") {
  std::string text;
  for (int row = 0; row < 400000; ++row) text += row % 2 == 0 ? "user-a\t1\t5\n" : (row % 4 == 1 ? "\n" : "X\n");
  const std::string whole = groups_of(text, Grouping::kGrouped, 1, kSkip);
  CHECK(std::count(whole.begin(), whole.end(), ';') == 1);
  for (const int threads : {2, 3}) CHECK(groups_of(text, Grouping::kGrouped, threads, kSkip) == whole);
}

TEST_CASE("GroupReader: one user's group larger than any chunk") {
  std::string text = "first\t1\t1\n";
  std::string expected = "first:1=1,;";
  expected += "big:";
  for (int row = 0; text.size() < (size_t{9} << 20); ++row) {
    text += "big\t" + std::to_string(row) + "\t2\n";
    expected += std::to_string(row) + "=2,";
  }
  text += "last\t1\t3\n";
  expected += ";last:1=3,;";
  for (const Grouping grouping : kAll) {
    for (const int threads : {1, 2, 3}) CHECK((groups_of(text, grouping, threads) == expected));
  }
}

}  // namespace rec::groups_test
