#include "data/interactions_tsv.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/error.h"
#include "data/interactions_notes_tsv.h"
#include "data/user_items.h"
#include "temp_folder.h"

namespace rec::interactions_tsv_test {

TEST_CASE("read_interactions: ids in byte order, rows in input order") {
  const TempFolder folder;
  const std::string path = folder.file("t", "b\ty\t2\t20\na\tz\t1\t10\nb\tx\t3\t30\n");
  for (const int threads : {1, 2, 3}) {
    const Interactions data = read_interactions(path, {}, {.value = true, .timestamp = true}, threads).data;
    CHECK(data.users.is_sorted());
    CHECK(data.items.is_sorted());
    CHECK(data.user == std::vector<uint32_t>{1, 0, 1});
    CHECK(data.item == std::vector<uint32_t>{1, 2, 0});
    CHECK(data.value == std::vector<float>{2, 1, 3});
    CHECK(data.timestamp == std::vector<double>{20, 10, 30});
  }
}

TEST_CASE("read_interactions: a header with other names is noticed, even where its numbers are not wanted") {
  const TempFolder folder;
  const std::string path = folder.file("t", "userId\tmovieId\trating\n1\t2\t3\n");
  CHECK(error_of<Error>([&] { read_interactions(path, {}, {}, 1); }) ==
        path +
            ":1: looks like a header with other names; say --columns user=userId,item=movieId,value=rating, or "
            "--header-rows 0 where it is data");
  CHECK(error_of<Error>([&] { read_interactions(folder.file("n", "who\twhat\tstars\n1\t2\t3\n"), {}, {}, 1); }) ==
        folder.path("n") +
            ":1: field 3: not a number: \"stars\"; of a header, say --columns user=who,item=what,value=stars");
  ReadOptions skip;
  skip.bad_lines = BadLines::kSkip;
  CHECK(read_interactions(folder.path("n"), skip, {.value = true}, 1).bad_lines == 1);
}

TEST_CASE("read_interactions: columns that are not wanted are not checked below the first line") {
  const TempFolder folder;
  const std::string path = folder.file("t", "a\tx\t1\t2\na\tx\tbad\tworse\n");
  CHECK(read_interactions(path, {}, {}, 1).data.value.empty());
  CHECK(error_of<Error>([&] { read_interactions(path, {}, {.value = true}, 1); }) ==
        path + ":2: field 3: not a number: \"bad\"");
  CHECK(error_of<Error>([&] { read_interactions(path, {}, {.timestamp = true}, 1); }) ==
        path +
            ":2: field 4: not a time: \"worse\" (expected a number, or a date such as 2021-09-05 or "
            "2021-09-05T08:00:00Z)");
}

TEST_CASE("read_interactions: weights, by name or as the fifth column, where they are wanted") {
  const TempFolder folder;
  const std::string named = folder.file("n", "weight\tuser\titem\n2\ta\tx\n0.5\tb\ty\n");
  const std::string fifth = folder.file("f", "a\tx\t1\t2\t2\nb\ty\t1\t2\t0.5\n");
  for (const std::string& path : {named, fifth}) {
    for (const int threads : {1, 2})
      CHECK(read_interactions(path, {}, {.weight = true}, threads).data.weight == std::vector<float>{2, 0.5f});
    CHECK(read_interactions(path, {}, {.value = true}, 1).data.weight.empty());
  }
  CHECK(read_interactions(folder.file("s", "user\titem\nb\ty\n"), {}, {.weight = true}, 1).data.weight.empty());
  for (const char* bad : {"0", "-1", "-0"}) {
    const std::string path = folder.file("b", fmt::format("user\titem\tweight\na\tx\t1\nb\ty\t{}\n", bad));
    CHECK(error_of<Error>([&] { read_interactions(path, {}, {.weight = true}, 1); }) ==
          fmt::format("{}:3: field 3: the weight {} is not above 0", path, bad));
    CHECK(read_interactions(path, {}, {}, 1).data.size() == 2);
  }
  const std::string text = folder.file("t", "user\titem\tweight\na\tx\tnan\n");
  CHECK(error_of<Error>([&] { read_interactions(text, {}, {.weight = true}, 1); }) ==
        text + ":2: field 3: not a number: \"nan\"");
}

TEST_CASE("read_interactions: absent columns, empty tables, skipped lines") {
  const TempFolder folder;
  CHECK(read_interactions(folder.file("a", "a\tx\n"), {}, {.value = true, .timestamp = true}, 2).data.value.empty());
  CHECK(read_interactions(folder.file("b", ""), {}, {.value = true, .timestamp = true}, 2).data.size() == 0);
  CHECK(read_interactions(folder.file("c", "user\titem\n"), {}, {.value = true, .timestamp = true}, 2).data.size() ==
        0);
  const auto loaded = read_interactions(folder.file("d", "a\tx\t1\na\ty\tinf\n\tz\t1\nb\tx\t2\n"),
                                        {"", BadLines::kSkip, {}}, {.value = true, .timestamp = true}, 2);
  CHECK(loaded.bad_lines == 2);
  CHECK(loaded.data.value == std::vector<float>{1, 2});
  CHECK(loaded.data.items.find("z") == kNoId);  // nothing of a bad line remains
}

TEST_CASE("read_user_items: each user's rows in input order") {
  const TempFolder folder;
  const UserItems lists =
      read_user_items(folder.file("t", "b\ty\t2\na\tz\t1\nb\tx\t3\n"), {}, {.value = true, .timestamp = true}, 2);
  CHECK(lists.begin == std::vector<uint64_t>{0, 1, 3});
  CHECK(lists.item == std::vector<uint32_t>{2, 1, 0});
  CHECK(lists.value == std::vector<float>{1, 2, 3});
  CHECK(lists.timestamp.empty());
  CHECK(lists.items_of(lists.users.find("b")).size() == 2);
  CHECK(lists.items_of(lists.users.find("c")).empty());
}

TEST_CASE("dates and long numbers: read alike by any number of threads, in exact order") {
  const TempFolder folder;
  const std::string dates = folder.file("dates",
                                        "a\tx\t1\t2021-09-05\na\ty\t1\t2021-09-05T00:00:00.000000001Z\n"
                                        "b\tx\t1\t2021-09-04T23:59:59\nb\ty\t1\t2021-09-05 02:00:00+02:00\n");
  const std::string longs = folder.file("longs",
                                        "u\tlate\t1\t1600000000000000200\nu\tearly\t1\t1600000000000000100\n"
                                        "u\tmid\t1\t1600000000000000150\nu\tlong\t1\t0.1234567890123456789\n");
  for (const int threads : {1, 2, 3}) {
    const Interactions data = read_interactions(dates, {}, {.timestamp = true}, threads).data;
    CHECK(data.dates);
    CHECK(data.timestamp == std::vector<double>{1630800000, 1630800000, 1630799999, 1630800000});
    CHECK(data.time(0) < data.time(1));
    CHECK(data.time(0) == data.time(3));
    CHECK(data.rounded_times == 0);
    const Interactions exact = read_interactions(longs, {}, {.timestamp = true}, threads).data;
    CHECK_FALSE(exact.dates);
    CHECK(exact.rounded_times == 1);
    CHECK(by_time(exact).row == std::vector<uint32_t>{3, 1, 2, 0});
  }
  const UserItems lists = read_user_items(longs, {}, {.timestamp = true}, 1);
  CHECK(lists.time(1) < lists.time(2));
  CHECK(lists.time(2) < lists.time(0));
  const std::string mixed = folder.file("mixed", "a\tx\t1\tx\na\tx\t1\t2021-09-05\na\tx\t1\t7\n");
  const LoadedInteractions skipped = read_interactions(mixed, {"", BadLines::kSkip, {}}, {.timestamp = true}, 2);
  CHECK(skipped.bad_lines == 2);
  CHECK(skipped.data.dates);
}

TEST_CASE("interactions_notes: counts, columns and what looks wrong") {
  const TempFolder folder;
  const auto notes = [&](const std::string& text, const OptionalColumns& wanted) {
    return interactions_notes(read_interactions(folder.file("t", text), {}, wanted, 1), wanted);
  };
  CHECK(notes("a\tx\t1\t2\n", {.value = true}) ==
        std::vector<std::string>{"1 row, 1 user, 1 item; columns user, item, value; unused: timestamp"});
  CHECK(notes("item\tuser\tstars\nx\ta\t5\n", {}) ==
        std::vector<std::string>{
            "1 row, 1 user, 1 item; columns user, item; unused: stars (--columns value=stars would read more)"});
  CHECK(notes("a\tx\t1112486027\nb\tx\t1112486028\n", {.value = true})[1] ==
        "the values (field 3) look like times: say --columns user=1,item=2,timestamp=3");
  CHECK(notes("a\tx\t1112486027\nb\tx\t5\n", {.value = true}).size() == 1);
  CHECK(notes("a\tx\t1112486027.5\n", {.value = true}).size() == 1);
  // Ids may be large numbers: all of twenty rows have to be times of our days.
  const auto with_items = [](int rows, const std::string& first) {
    std::string text;
    for (int row = 0; row < rows; ++row) text += fmt::format("u{}\t{}{}\n", row, first, row + 10);
    return text;
  };
  const std::string times = "the items (field 2) look like times: --columns says which column is which";
  CHECK(notes(with_items(20, "11124860"), {})[1] == times);
  CHECK(notes(with_items(20, "11124860270"), {})[1] == times);
  CHECK(notes(with_items(20, "2021-09-05T08:00:"), {})[1] == times);
  CHECK(notes(with_items(19, "11124860"), {}).size() == 1);
  CHECK(notes(with_items(20, "11124860") + "u\t7\n", {}).size() == 1);
  CHECK(notes(with_items(20, "6637130"), {}).size() == 1);
  std::string few;
  for (int row = 0; row < 1000; ++row) few += std::to_string(row % 20) + "\t" + std::to_string(row % 200) + "\n";
  CHECK(notes(few, {})[1] == "only 20 users beside 200 items: is another column the user? --columns says which");
  CHECK(notes(few + "20\tx\n", {}).size() == 1);
}

}  // namespace rec::interactions_tsv_test
