#include "data/excluded_rows.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "io/table.h"
#include "temp_folder.h"

namespace rec::excluded_rows_test {
namespace {

// "ann:x,y bob:z"
std::string dump(const UserItems& lists) {
  std::string text;
  for (uint32_t user = 0; user < lists.users.size(); ++user) {
    text += (text.empty() ? "" : " ") + std::string(lists.users[user]) + ":";
    for (const uint32_t item : lists.items_of(user)) {
      if (text.back() != ':') text += ',';
      text += lists.items[item];
    }
  }
  return text;
}

TEST_CASE("rows of --exclude that are too old exclude nothing, counted from the newest row of all files") {
  const TempFolder folder;
  constexpr int kDay = 86400;
  const auto row = [](const char* user, const char* item, int day) {
    return fmt::format("{}\t{}\t1\t{}\n", user, item, 1'700'000'000 + kDay * day);
  };
  const std::string first =
      folder.file("first", row("ann", "x", 0) + row("ann", "y", 6) + row("bob", "x", 3) + row("ann", "x", 9));
  const std::string second = folder.file("second", row("bob", "z", 10) + row("cat", "x", 1));
  const auto of = [&](const Duration& age) {
    const ExcludedRows excluded = read_excluded_rows({first, second}, age, {}, 2);
    REQUIRE(excluded.lists.size() == 2);
    CHECK(excluded.lists[0].timestamp.empty());
    return dump(excluded.lists[0]) + " | " + dump(excluded.lists[1]);
  };
  CHECK(of({}) == "ann:x,y,x bob:x | bob:z cat:x");
  CHECK(of({30.0 * kDay, true}) == "ann:x,y,x bob:x | bob:z cat:x");
  CHECK(of({7.0 * kDay, true}) == "ann:y,x bob: | bob:z cat:");  // 7 days are over on the day itself
  CHECK(of({7.0 * kDay + 1}) == "ann:y,x bob:x | bob:z cat:");   // a number: in the unit of the timestamps
  CHECK(of({1.0}) == "ann: bob: | bob:z cat:");
  const ExcludedRows week = read_excluded_rows({first, second}, {7.0 * kDay, true}, {}, 1);
  CHECK(week.notes ==
        std::vector<std::string>{"3 of 6 rows of --exclude are older than --exclude-for allows, and are ignored"});
  const std::string without = folder.file("without", "ann\tx\n");
  CHECK(error_of<Error>([&] {
          read_excluded_rows({first, without}, {1.0}, {}, 1);
        }) == without + ": no timestamp column, as --exclude-for needs");
  CHECK(read_excluded_rows({folder.file("empty", "")}, {1.0, true}, {}, 1).lists[0].size() == 0);
}

}  // namespace
}  // namespace rec::excluded_rows_test
