#include "io/foreign_header.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/error.h"
#include "io/column_names.h"
#include "temp_folder.h"

namespace rec::foreign_header_test {

namespace {

// "" where the first line is read as data, "header" where as a header; else the error.
std::string first_line_of(const std::string& text, const TableSpec& spec = interactions_spec(),
                          const ReadOptions& options = {}) {
  const TempFolder folder;
  const std::string path = folder.file("t", text);
  const std::string error = error_of<std::exception>([&] {
    const TableReader reader(path, spec, options);
    if (reader.layout().header) throw Error("header");
  });
  return error.starts_with(path) ? "t" + error.substr(path.size()) : error;
}

bool is_refused(const std::string& text) {
  return first_line_of(text).find("looks like a header") != std::string::npos;
}

}  // namespace

TEST_CASE("real ids: none of fifty first rows is taken for a header") {
  // Each row stands alone, above rows of its kind: ids of public data sets, names of people and things, and words
  // that are names of columns as well, one of them in a row.
  const std::string rows[] = {"u1\ti1",
                              "1\t2",
                              "196\t242\t3\t881250949",
                              "A2SUAM1J3GNN3B\t0000013714\t5",
                              "U13740\tN55189",
                              "alice\tbook",
                              "bob\tmovie",
                              "user\tm1",
                              "member\tx17",
                              "customer\t17",
                              "visitor\ttoy",
                              "john_doe\tnews",
                              "user_1\titem_1",
                              "user1\titem1",
                              "user-17\titem-4",
                              "customer_4\tarticle_9",
                              "User 7\tMovie 3",
                              "Sid\tDune",
                              "Art\tAlien",
                              "Mark\tJaws",
                              "June\tMay",
                              "Day\tNight",
                              "Guest\tSalon",
                              "David\tMadrid",
                              "Astrid\tMadrid",
                              "id1\tid2",
                              "x_id\tthing",
                              "thing\tx_id",
                              "a@b.org\tsku-1",
                              "a@b.org\tuser guide",
                              "0a1b2c3d\tffee0011",
                              "6f9619ff-8b86-d011\tb42d-00c04fc964ff",
                              "AXID\tBK",
                              "qZiD3w\tXbID9a",
                              "dXNlcg==\taXRlbQ==",
                              "000058a12d5b43e6\t0663713001",
                              "spotify:user:x\tspotify:track:0UaM",
                              "anonymous\tThe Matrix",
                              "root\tcoreutils",
                              "kid\tcovid",
                              "Madrid\tpyramid",
                              "-1\t-2",
                              "_\t_",
                              "é\tü",
                              "用户\t物品",
                              "a:token\tb",
                              "tt0111161\tnm0000151",
                              "/u/x\t/item/7",
                              "http://x/u\thttp://x/i",
                              "Harry Potter\tprice of salt",
                              "time\tMoney",
                              "Orders\tBasket case"};
  CHECK(std::size(rows) >= 50);
  for (const std::string& row : rows) {
    CAPTURE(row);
    const std::string numbers = row.substr(std::min(row.size(), row.find('\t', row.find('\t') + 1)));
    CHECK(first_line_of(row + "\n") == "");
    CHECK(first_line_of(row + "\nanna" + "\tother" + numbers + "\nbert\tx" + numbers + "\n") == "");
  }
}

TEST_CASE("two words are a header, unless one of them comes again: then it is an id") {
  CHECK(is_refused("customer\tbook\n1\t2\n"));
  CHECK_FALSE(is_refused("customer\tbook\ncustomer\t2\n"));
  CHECK_FALSE(is_refused("customer\tbook\n1\tbook\n"));
  CHECK(
      is_refused("customer\tbook\n1\t2\ncustomer\tbook\n"));  // the line itself again: two files, one behind the other
  std::string far = "customer\tbook\n";
  while (far.size() < kHeaderLookAhead + 100) far += "1\t2\n";
  CHECK(is_refused(far + "customer\t2\n"));  // beyond what is looked at
}

TEST_CASE("words above whole numbers are a header, from three rows on") {
  CHECK(is_refused("who\twhat\n1\t2\n3\t4\n5\t6\n"));
  CHECK_FALSE(is_refused("who\twhat\n1\t2\n3\t4\n"));
  CHECK_FALSE(is_refused("who\twhat\n1\t2\n3\tx\n5\t6\n"));
  CHECK_FALSE(is_refused("who1\twhat\n1\t2\n3\t4\n5\t6\n"));
  CHECK(first_line_of("u\ti\tstars\na\tb\t3\n") ==
        "t:1: field 3: not a number: \"stars\"; of a header, say --columns user=u,item=i,value=stars");
  CHECK(first_line_of("u\ti\tbad\n").find("of a header") == std::string::npos);
}

TEST_CASE("names with a digit above whole numbers are a header, from ten rows on") {
  const auto table = [](const std::string& first, size_t rows, const std::string& last = "") {
    std::string text = first + "\n";
    for (size_t row = 0; row < rows; ++row) text += fmt::format("{}\t{}\n", row, 7 * row);
    return text + last;
  };
  CHECK(is_refused(table("user1\tuser2", 10)));
  CHECK(is_refused(table("col1\tother", 10)));
  CHECK_FALSE(is_refused(table("user1\tuser2", 9)));
  CHECK_FALSE(is_refused(table("user1\tuser2", 10, "user7\t3\n")));
  CHECK_FALSE(is_refused(table("1a\tuser2", 10)));
}

TEST_CASE("a name above texts: an id, and one word") {
  const TableSpec texts{"texts", {{"item"}, {"text", true, TableSpec::Kind::kText}}};
  const auto refused = [&](const std::string& text) {
    return first_line_of(text, texts).find("looks like a header") != std::string::npos;
  };
  for (const char* names : {"movie_id\toverview", "newsId\theadline", "article_id\tprod_name"}) {
    CAPTURE(names);
    CHECK(refused(std::string(names) + "\n1\tthe matrix\n"));
  }
  CHECK_FALSE(refused("movie_id\ta text of words\n1\tthe matrix\n"));
  CHECK_FALSE(refused("movie_id\tblade2\n1\tthe matrix\n"));
  CHECK_FALSE(refused("covid\tmovie\n1\tthe matrix\n"));
}

TEST_CASE("names of triples") {
  const TableSpec triples{"triples", {{"head"}, {"relation"}, {"tail"}}};
  for (const char* names : {"subject\tpredicate\tobject", "source\trelation\ttarget", "src\trel\tdst"}) {
    CAPTURE(names);
    CHECK(first_line_of(std::string(names) + "\nann\tlikes\tbob\n", triples).find("looks like a header") !=
          std::string::npos);
  }
  CHECK(first_line_of("film\tdirector\tann\n", triples) == "");
}

TEST_CASE("words above ids that all have a digit are a header, from ten rows on") {
  const auto table = [](const std::string& first, size_t rows, const std::string& last) {
    std::string text = first + "\n";
    for (size_t row = 0; row < rows; ++row) text += fmt::format("A{}X\tB00{}Z\n", row, row * 7);
    return text + last;
  };
  CHECK(is_refused(table("who\twhat", 10, "")));
  CHECK_FALSE(is_refused(table("who\twhat", 9, "")));
  CHECK_FALSE(is_refused(table("who\twhat", 10, "AX\tB007Z\n")));
  CHECK_FALSE(is_refused(table("who\twhat", 10, "who\tB008Z\n")));
  CHECK_FALSE(is_refused(table("who\twhat2", 10, "")));
}

TEST_CASE("--header-rows: data, a header, the last of several") {
  const auto rows = [](int n) {
    ReadOptions options;
    options.header_rows = n;
    return options;
  };
  CHECK(is_refused("userId\tmovieId\n1\t2\n"));
  CHECK(first_line_of("userId\tmovieId\n1\t2\n", interactions_spec(), rows(0)) == "");
  CHECK(first_line_of("user\titem\n1\t2\n", interactions_spec(), rows(0)) == "");
  CHECK(first_line_of("userId\tmovieId\n1\t2\n", interactions_spec(), rows(1)) == "header");
  CHECK(first_line_of("a\tb\n1\t2\n", interactions_spec(), rows(1)) == "header");
  CHECK(first_line_of("some data\nof 2026\na\tb\n1\t2\n", interactions_spec(), rows(3)) == "header");
  CHECK(first_line_of("one\n", interactions_spec(), rows(3)) == "");
  ReadOptions named = rows(0);
  named.columns = "user=a,item=b";
  CHECK(first_line_of("a\tb\n", interactions_spec(), named) ==
        "--columns by name needs a header, and --header-rows 0 says there is none");
}

TEST_CASE("a table of one column needs an id for a name") {
  CHECK(first_line_of("customer\n", users_spec()) == "");
  CHECK(first_line_of("news\n", {"items", {{"item"}}}) == "");
  CHECK(
      first_line_of("customer_id\nc1\n", users_spec()) ==
      "t:1: looks like a header with other names; say --columns user=customer_id, or --header-rows 0 where it is data");
}

TEST_CASE("a header with types is read, whatever the case of the names") {
  CHECK(first_line_of("user_id:token\titem_id:token\tlabel:float\n") == "header");
  CHECK(first_line_of("foo:token\titem_id:token\n") ==
        "t:1: a header with types that does not name user; say --columns user=foo,item=item_id");
  ReadOptions named;
  named.columns = "user=foo";
  CHECK(first_line_of("foo:token\titem_id:token\n", interactions_spec(), named) == "header");
  named.columns = "user=foo:token";
  CHECK(first_line_of("foo:token\titem_id:token\n", interactions_spec(), named) == "header");
}

TEST_CASE("advice is quoted for a shell, and by position where a name cannot be given") {
  const auto advice = [](std::vector<std::string_view> fields) {
    return columns_advice(interactions_spec(), fields, "--columns");
  };
  CHECK(advice({"User ID", "item"}) == "--columns 'user=User ID,item=item'");
  CHECK(advice({"user's_id", "item_id"}) == "--columns 'user=user'\\''s_id,item=item_id'");
  CHECK(advice({"user_id", "item, all"}) == "--columns user=1,item=2 --header-rows 1");
  CHECK(advice({"user_id", "item_id", "item_id"}) == "--columns user=1,item=2 --header-rows 1");
  CHECK(advice({"user_id", "price"}) == "--columns user=user_id,item=NAME");
  CHECK(shell_word("a=b,c") == "a=b,c");
  CHECK(shell_word("") == "''");
}

TEST_CASE("a map by names is for each table that has them; one that no table has is an error of the main one") {
  const auto used = std::make_shared<ColumnsUsed>();
  ReadOptions side;
  side.side = true;
  side.columns = "user=userId,item=movieId,value=rating";
  side.columns_used = used;
  side.columns_option = "--side-columns";
  ReadOptions main_table = side;
  main_table.side = false;
  main_table.columns_option = "--columns";
  const std::string exact = "user\titem\na\tb\n";
  CHECK(first_line_of(exact, interactions_spec(), main_table).find("names the field \"userId\", not found") !=
        std::string::npos);
  CHECK(first_line_of("x\ty\n", interactions_spec(), side) == "");
  CHECK(first_line_of("userId\titem\nx\ty\n", interactions_spec(), side) == "header");
  CHECK(first_line_of("userId\tmovieId\trating\nx\ty\t1\n", interactions_spec(), side) == "header");
  CHECK(first_line_of(exact, interactions_spec(), main_table) == "header");
  CHECK(first_line_of("a\tb\n", candidates_spec(), main_table) == "");
  CHECK(first_line_of("customer_id\tarticle_id\nx\ty\n", interactions_spec(), side)
            .find("say --side-columns user=customer_id,item=article_id, or") != std::string::npos);
}

}  // namespace rec::foreign_header_test
