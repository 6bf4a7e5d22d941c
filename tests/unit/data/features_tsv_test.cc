#include <doctest/doctest.h>

#include "base/error.h"
#include "data/features.h"
#include "data/item_numbers.h"
#include "io/table.h"
#include "temp_folder.h"

using namespace rec;

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
