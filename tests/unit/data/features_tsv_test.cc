#include <doctest/doctest.h>

#include <map>
#include <set>

#include "base/error.h"
#include "base/rng.h"
#include "data/features.h"
#include "data/features_unindexed.h"
#include "data/item_numbers.h"
#include "io/table.h"
#include "temp_folder.h"

namespace rec::features_tsv_test {

namespace {

// "a:x=1,y=2 b:y=1": the rows of a kind.
std::string dump(const FeatureTable& features, const char* kind_name) {
  const FeatureKind& kind = features.kind(kind_name);
  std::string text;
  for (uint32_t item = 0; item < features.ids.size(); ++item) {
    const FeatureKind::Row row = kind.row(item);
    text += (text.empty() ? "" : " ") + std::string(features.ids[item]) + ":";
    for (size_t at = 0; at < row.size; ++at) {
      text += fmt::format("{}{}={}", at == 0 ? "" : ",", kind.categories[row.category[at]], row.value[at]);
    }
  }
  return text;
}

}  // namespace

TEST_CASE("read_item_features: long form, kinds, values; repeated ones add up") {
  const TempFolder folder;
  const auto plain = read_item_features(folder.file("p", "a\tDrama\nb\tComedy\na\tComedy\n"), {});
  CHECK(dump(plain, "feature") == "a:Comedy=1,Drama=1 b:Comedy=1");
  const auto kinds = read_item_features(
      folder.file(
          "k", "feature\titem\tvalue\ngenre=Drama\ta\t2\nmaker=X=Y\ta\t1\ngenre=Drama\ta\t0.5\ngenre=Comedy\tb\t0\n"),
      {});
  CHECK(dump(kinds, "genre") == "a:Drama=2.5 b:");
  CHECK(dump(kinds, "maker") == "a:X=Y=1 b:");
  CHECK(error_of<Error>([&] { kinds.kind("year"); }) ==
        folder.path("k") + ": no features of kind \"year\"; there are: genre, maker");
}

TEST_CASE("read_item_features: wide form, several categories in a field") {
  const TempFolder folder;
  const auto wide = read_item_features(folder.file("w", "genre\titem\tmaker\nDrama|Comedy\ta\tX\n\tb\t|Y|\n"), {});
  CHECK(dump(wide, "genre") == "a:Comedy=1,Drama=1 b:");
  CHECK(dump(wide, "maker") == "a:X=1 b:Y=1");
}

TEST_CASE("read_features: a typed header, as RecBole writes it") {
  const TempFolder folder;
  const auto typed = read_item_features(
      folder.file("t",
                  "item_id:token\tgenre:token_seq\tmaker:token\tprice:float\timage:float_seq\ttitle:text\n"
                  "a\tDrama Comedy\tX|Y\t9.5\t0.5 -2\tThe Big One\nb\t\t\t\t\t\nc\tDrama\tX\t-3\t1 0\tSmall\n"),
      {});
  CHECK(dump(typed, "genre") == "a:Comedy=1,Drama=1 b: c:Drama=1");
  CHECK(dump(typed, "maker") == "a:X|Y=1 b: c:X=1");
  CHECK(typed.kinds.size() == 2);
  CHECK(typed.texts == std::vector<std::string>{"title"});
  REQUIRE(typed.numbers.size() == 2);
  CHECK(typed.numbers[0].name == "image");
  CHECK(typed.numbers[0].size == 2);
  CHECK(typed.numbers[0].value == std::vector<float>{0.5f, -2.0f, 1.0f, 0.0f});
  CHECK(typed.numbers[1].id == std::vector<uint32_t>{0, 2});
  CHECK(typed.numbers[1].value == std::vector<float>{9.5f, -3.0f});
  auto message = [&](const std::string& rows) {
    const std::string path = folder.file("bad", "item:token\tp:float\tv:float_seq\n" + rows);
    return error_of<Error>([&] { read_item_features(path, {}); }).substr(path.size());
  };
  CHECK(message("a\tnan\t\n") == ":2: field 2: not a number: \"nan\"");
  CHECK(message("a\t1 2\t\n") == ":2: field 2: expected a number, found \"1 2\"");
  CHECK(message("a\t1\t1 2\nb\t\t1 2 3\n") == ":3: field 3: expected 2 numbers, as in the rows before, found 3");
}

TEST_CASE("read_features: the same for every number of threads, and a skipped line leaves nothing behind") {
  const TempFolder folder;
  std::string text = "item:token\tgenre:token_seq\tprice:float\n";
  std::string clean = text;
  for (int at = 0; at < 3000; ++at) {
    const std::string row = "i" + std::to_string(at * 7 % 501) + "\tg" + std::to_string(at % 13) + " g" +
                            std::to_string(at % 5) + "\t" + std::to_string(at) + "\n";
    text += row;
    clean += row;
    if (at % 100 == 0) text += "x" + std::to_string(at) + "\tlost\tcheap\n";
  }
  ReadOptions skip;
  skip.bad_lines = BadLines::kSkip;
  const auto one = read_features(folder.file("c", clean), IdKind::kItem, {}, 1);
  for (const int threads : {1, 3}) {
    const auto other = read_features(folder.file("t", text), IdKind::kItem, skip, threads);
    CHECK(other.bad_lines == 30);
    CHECK(dump(other, "genre").find("lost") == std::string::npos);
    CHECK(other.numbers[0].value == one.numbers[0].value);
    std::vector<std::string> ids;
    for (const uint32_t id : one.numbers[0].id) ids.emplace_back(one.ids[id]);
    for (size_t at = 0; at < ids.size(); ++at) CHECK(other.ids[other.numbers[0].id[at]] == ids[at]);
    for (uint32_t id = 0; id < one.ids.size(); ++id) {
      IdTable names = other.ids;
      names.index();
      const auto a = one.kind("genre").row(id);
      const auto b = other.kind("genre").row(names.find(one.ids[id]));
      REQUIRE(a.size == b.size);
      CHECK(std::equal(a.value, a.value + a.size, b.value));
    }
  }
}

TEST_CASE("read_features: what a map of maps makes of the same rows, in any order and several batches") {
  Rng random(7);
  for (const bool grouped : {true, false}) {
    for (const bool wide : {false, true}) {
      // Of one id more categories than are sorted in place.
      std::string text = wide ? "item:token\tgenre:token_seq\tmaker:token\tprice:float\n" : "item\tfeature\tvalue\n";
      std::vector<std::string> ids;  // by first appearance
      std::set<std::string> seen;
      std::map<std::string, std::map<std::string, std::map<std::string, double>>> expected;  // by kind, id, category
      std::vector<std::pair<std::string, float>> prices;
      for (int row = 0; row < 90000; ++row) {
        const std::string id = "item number " + std::to_string(row % 50 == 0 ? 0
                                                               : grouped     ? row / 3
                                                                             : static_cast<int>(random.below(20000)));
        if (seen.insert(id).second) ids.push_back(id);
        const std::string category = "c" + std::to_string(random.below(100));
        if (wide) {
          const std::string other = "c" + std::to_string(random.below(100)), maker = "m" + std::to_string(row % 70000);
          const bool has_price = random.below(3) > 0;
          text +=
              id + "\t" + category + " " + other + "\t" + maker + "\t" + (has_price ? std::to_string(row) : "") + "\n";
          expected["genre"][id][category] += 1;
          expected["genre"][id][other] += 1;
          expected["maker"][id][maker] += 1;
          if (has_price) prices.emplace_back(id, static_cast<float>(row));
        } else {
          const std::string kind = row % 2 == 0 ? "genre" : "maker";
          const auto value = static_cast<double>(random.below(4));
          text += id + "\t" + kind + "=" + category + "\t" + std::to_string(static_cast<int>(value)) + "\n";
          if (value > 0) expected[kind][id][category] += value;
        }
      }
      REQUIRE(text.size() > size_t{2} << 20);
      const TempFolder folder;
      const std::string path = folder.file("t", text);
      for (const int threads : {1, 2, 5}) {
        const FeatureTable table = threads == 2 ? read_features_unindexed(path, IdKind::kItem, {}, threads)
                                                : read_features(path, IdKind::kItem, {}, threads);
        REQUIRE(table.ids.size() == ids.size());
        size_t wrong = 0;
        for (uint32_t id = 0; id < ids.size(); ++id) {
          wrong += table.ids[id] != ids[id] || (threads != 2 && table.ids.find(ids[id]) != id);
          for (const char* kind : {"genre", "maker"}) {
            const auto& cells = expected[kind][ids[id]];
            const FeatureKind::Row row = table.kind(kind).row(id);
            wrong += row.size != cells.size();
            size_t at = 0;
            for (auto cell = cells.begin(); cell != cells.end() && at < row.size; ++cell, ++at) {
              wrong += table.kind(kind).categories[row.category[at]] != cell->first ||
                       static_cast<double>(row.value[at]) != cell->second;
            }
          }
        }
        CHECK(wrong == 0);
        if (!wide) continue;
        REQUIRE(table.numbers.size() == 1);
        REQUIRE(table.numbers[0].id.size() == prices.size());
        for (size_t at = 0; at < prices.size(); ++at) {
          wrong +=
              table.ids[table.numbers[0].id[at]] != prices[at].first || table.numbers[0].value[at] != prices[at].second;
        }
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE("read_features: an id whose only line is skipped is no id") {
  const TempFolder folder;
  ReadOptions skip;
  skip.bad_lines = BadLines::kSkip;
  const auto of_long = read_features(folder.file("l", "a\tx\t1\nb\tx\t-1\nc\t\t1\n"), IdKind::kItem, skip, 1);
  CHECK(of_long.bad_lines == 2);
  CHECK(of_long.ids.size() == 1);
  const auto of_wide = read_features(folder.file("w", "item:token\tp:float\na\t1\nb\tdear\n"), IdKind::kItem, skip, 1);
  CHECK(of_wide.bad_lines == 1);
  CHECK(of_wide.ids.size() == 1);
}

TEST_CASE("read_item_features: malformed lines") {
  const TempFolder folder;
  auto message = [&](const char* text) {
    const std::string path = folder.file("t", text);
    return error_of<Error>([&] { read_item_features(path, {}); }).substr(path.size());
  };
  CHECK(message("a\n") == ":1: expected at least 2 TAB-separated fields (item feature [value]), found 1: \"a\"");
  CHECK(message("a\t\n") == ":1: field 2: empty feature");
  CHECK(message("a\tgenre=\n") == ":1: field 2: expected KIND=CATEGORY, found \"genre=\"");
  CHECK(message("a\tx\t1\nb\tx\t-1\n") == ":2: field 3: expected a value of at least 0, found -1");
  CHECK(message("a\tx\tmany\n") == ":1: field 3: not a number: \"many\"");
  CHECK(message("\tx\n") == ":1: field 1: empty item id");
}

TEST_CASE("read_item_numbers: numbers by item, an item twice is an error") {
  const TempFolder folder;
  const TableSpec spec{
      "counts",
      {{"item"}, {"impressions", true, TableSpec::Kind::kNumber}, {"clicks", true, TableSpec::Kind::kNumber}}};
  const ItemNumbers numbers = read_item_numbers(folder.file("n", "a\t3\t1\nb\t4\t2\n"), spec, {});
  REQUIRE(numbers.find("b") != nullptr);
  CHECK(numbers.find("b")[1] == 2);
  CHECK(numbers.find("c") == nullptr);
  CHECK(error_of<Error>([&] { read_item_numbers(folder.file("d", "a\t3\t1\na\t4\t2\n"), spec, {}); }) ==
        folder.path("d") + ":2: field 1: item \"a\" is there twice");
}

}  // namespace rec::features_tsv_test
