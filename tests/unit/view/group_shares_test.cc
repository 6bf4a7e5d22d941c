#include "view/group_shares.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "io/table.h"
#include "temp_folder.h"

namespace rec::group_shares_test {
namespace {

constexpr std::array<bool, GroupShares::kColumns> kAll{true, true, true, true, true};

FeatureTable table_of(const std::string& text) {
  const TempFolder folder;
  return read_item_features(folder.file("features.tsv", text), {});
}

// The texts of the cells of each row, without the bar.
std::vector<std::vector<std::string>> rows_of(const std::string& html) {
  std::vector<std::vector<std::string>> rows;
  for (size_t at = html.find("<tbody>"); (at = html.find("<tr>", at + 1)) != html.npos;) {
    std::vector<std::string>& row = rows.emplace_back();
    const size_t end = html.find("</tr>", at);
    for (const char* tag : {"<th scope=\"row\">", "<td>"}) {
      for (size_t cell = at; (cell = html.find(tag, cell)) < end;) {
        cell += std::string(tag).size();
        row.push_back(html.substr(cell, html.find("</t", cell) - cell));
      }
    }
  }
  return rows;
}

using Rows = std::vector<std::vector<std::string>>;

TEST_CASE("shares of groups, by hand") {
  // b is of two groups: a quarter old, three quarters new. e has another kind alone.
  GroupShares shares(table_of("item\tfeature\tvalue\na\tage=new\t1\nb\tage=old\t1\nb\tage=new\t3\nc\tage=old\t2\n"
                              "d\tage=rare\t1\ne\tsize=big\t1\n"),
                     "age");
  shares.add(GroupShares::kPlaces, "a", 1);
  shares.add(GroupShares::kPlaces, "b", 1);
  shares.add(GroupShares::kPlaces, "nobody", 1);
  shares.add(GroupShares::kPlaces, "e", 1);
  shares.add(GroupShares::kExposure, "a", 1);
  shares.add(GroupShares::kExposure, "b", 0.5);
  shares.add(GroupShares::kExposure, "nobody", 0.5);
  shares.add(GroupShares::kCompared, "c", 0.25);
  shares.add(GroupShares::kHistory, "c", 1);
  shares.add(GroupShares::kHistory, "d", 1);
  CHECK(shares.places() == 4);
  CHECK(shares.places_without_group() == 2);
  CHECK(rows_of(shares.html(kAll, 2)) == Rows{{"<bdi>new</bdi>", "43.8 %", "68.8 %", "0.0 %", "0.0 %", "35.0 %"},
                                              {"<bdi>old</bdi>", "6.2 %", "6.2 %", "100.0 %", "50.0 %", "25.0 %"},
                                              {"<bdi>rare</bdi>", "0.0 %", "0.0 %", "0.0 %", "50.0 %", "20.0 %"},
                                              {"Without a group", "50.0 %", "25.0 %", "0.0 %", "0.0 %", "20.0 %"}});
  const auto some = rows_of(shares.html({true, true, false, false, true}, 2));
  CHECK(some[0] == std::vector<std::string>{"<bdi>new</bdi>", "43.8 %", "68.8 %", "35.0 %"});
}

TEST_CASE("the bar is the exposure, the line the history, or the catalogue where there is none") {
  GroupShares shares(table_of("a\tx\nb\ty\nc\ty\nd\ty\n"), "feature");
  shares.add(GroupShares::kPlaces, "a", 1);
  shares.add(GroupShares::kExposure, "a", 1);
  shares.add(GroupShares::kHistory, "a", 1);
  shares.add(GroupShares::kHistory, "b", 1);
  const auto holds = [](const std::string& text, const char* part) { return text.find(part) != text.npos; };
  const char* const begin = "<i style=\"left:0;width:100.0%\"></i><i class=\"beside\" style=\"left:";
  CHECK(holds(shares.html(kAll, 1), (std::string(begin) + "50.0%\">").c_str()));
  CHECK(holds(shares.html({true, true, false, false, true}, 1), (std::string(begin) + "25.0%\">").c_str()));
  CHECK(holds(shares.html(kAll, 1), "The 1 place in the lists of the 1 user on this page"));
}

TEST_CASE("groups beyond the first thirty are one row, and lists without rows have no shares") {
  std::string text;
  for (int item = 10; item < 50; ++item) text += fmt::format("i{}\tg{}\n", item, item);
  GroupShares shares(table_of(text), "feature");
  for (int item = 10; item < 50; ++item) shares.add(GroupShares::kExposure, fmt::format("i{}", item), 1.0 * item);
  const Rows rows = rows_of(shares.html(kAll, 0));
  REQUIRE(rows.size() == 31);
  CHECK(rows[0] == std::vector<std::string>{"<bdi>g49</bdi>", "", "4.2 %", "", "", "2.5 %"});
  // 10 + ... + 19 of 10 + ... + 49
  CHECK(rows[30] == std::vector<std::string>{"10 more groups", "", "12.3 %", "", "", "25.0 %"});
}

TEST_CASE("one group beyond the first thirty is a row like others") {
  std::string text;
  for (int item = 0; item < 31; ++item) text += fmt::format("i{}\tg{}\n", item, item);
  CHECK(rows_of(GroupShares(table_of(text), "feature").html(kAll, 0)).size() == 31);
}

TEST_CASE("names of groups and kinds are escaped, and a kind that is not there is an error") {
  GroupShares shares(table_of("a\t<i>=<script>\n"), "<i>");
  const std::string html = shares.html(kAll, 0);
  CHECK(html.find("<bdi>&lt;i&gt;</bdi>") != html.npos);
  CHECK(html.find("<bdi>&lt;script&gt;</bdi>") != html.npos);
  CHECK(html.find("<script>") == html.npos);
  CHECK_THROWS_AS(GroupShares(table_of("a\tx\n"), "genre"), Error);
}

}  // namespace
}  // namespace rec::group_shares_test
