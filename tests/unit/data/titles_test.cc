#include <doctest/doctest.h>

#include "base/error.h"
#include "data/titles.h"
#include "io/table.h"
#include "temp_folder.h"

namespace rec::titles_test {
namespace {

TEST_CASE("titles are told by title, text or name, and are fields of a table") {
  const TempFolder folder;
  const std::string path = folder.file("titles.tsv", "name\titem\ttext\nn\ta\tA\x01\xe9\nm\tb\t\n");
  const ItemTexts titles = read_titles(path, {});
  CHECK(titles.find("a") == "A\\x01\\xe9");
  CHECK(titles.find("b") == "");
  CHECK_FALSE(titles.find("c"));
  CHECK_FALSE(titles.find("item"));
  CHECK(titles.items.size() == 2);
}

TEST_CASE("images are read byte for byte") {
  const TempFolder folder;
  const ItemTexts images = read_images(folder.file("images.tsv", "a\tp\xe9.png\n"), {});
  CHECK(images.find("a") == "p\xe9.png");
}

TEST_CASE("tables without titles, and items that are there twice, are errors") {
  const TempFolder folder;
  const auto message = [&](const char* text) {
    return error_of<Error>([&] { (void)read_titles(folder.file("t", text), {}); }).substr(folder.path("t").size());
  };
  CHECK(message("a\n") == ":1: expected at least 2 fields (item title), found 1");
  CHECK(message("item\tgenre\na\tb\n") ==
        ":1: the header names no column title or text or name; say --columns title=NAME");
  CHECK(message("a\tA\na\tB\n") == ":2: field 1: item \"a\" is there twice");
  CHECK(message("\tA\n") == ":1: field 1: empty item id");
  ReadOptions skip;
  skip.bad_lines = BadLines::kSkip;
  const ItemTexts titles = read_titles(folder.file("t", "a\tA\na\tB\n\tC\n"), skip);
  CHECK(titles.bad_lines == 2);
  CHECK(titles.find("a") == "A");
  CHECK(read_titles(folder.file("t", ""), {}).items.size() == 0);
}

}  // namespace
}  // namespace rec::titles_test
