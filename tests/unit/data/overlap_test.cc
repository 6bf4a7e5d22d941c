#include "data/overlap.h"

#include <doctest/doctest.h>

namespace rec::overlap_test {

namespace {

IdTable ids(std::initializer_list<const char*> names) {
  IdTable table;
  for (const char* name : names) table.intern(name);
  return table;
}

std::string users(const IdTable& a, const IdTable& b) {
  return unmet(IdKind::kUser, {.name = "a", .users = {&a}, .items = {}}, {.name = "b", .users = {&b}, .items = {}});
}

// What stands behind the counts: the reason.
std::string reason(const IdTable& a, const IdTable& b) {
  const std::string text = users(a, b);
  const size_t at = text.find("); ");
  return at == std::string::npos ? "" : text.substr(at + 3);
}

}  // namespace

TEST_CASE("unmet: counts and an example of each side, and nothing where they meet") {
  CHECK(users(ids({"x", "y"}), ids({"z"})) ==
        "a and b have no user in common: 2 users (\"x\", ...) against 1 user (\"z\")");
  CHECK(users(ids({"x", "y"}), ids({"z", "y"})) == "");
  CHECK(users(ids({}), ids({"z"})) == "");
  CHECK(users(ids({"\x1b[31m"}), ids({"\t"})) ==
        "a and b have no user in common: 1 user (\"\\x1b[31m\") against 1 user (\"\\t\")");
  const IdTable some = ids({"x"});
  CHECK(unmet(IdKind::kItem, {.name = "a", .users = {&some}, .items = {}},
              {.name = "b", .users = {&some}, .items = {&some}}) == "");
}

TEST_CASE("unmet: ids of two spellings") {
  CHECK(reason(ids({"5", "0108775015"}), ids({"108775015"})) ==
        "\"0108775015\" and \"108775015\" differ by leading zeros alone");
  CHECK(reason(ids({"Ann"}), ids({"ann"})) == "\"Ann\" and \"ann\" differ by upper and lower case alone");
  CHECK(reason(ids({"\"u1\""}), ids({"u1"})) == "\"\"u1\"\" and \"u1\" differ by quotes around them alone");
  CHECK(reason(ids({"u1 "}), ids({"u1"})) == "\"u1 \" and \"u1\" differ by spaces around them alone");
  CHECK(reason(ids({"12"}), ids({"12.0"})) == "\"12\" and \"12.0\" differ by a \".0\" at the end alone");
  CHECK(reason(ids({"\"007\""}), ids({"7"})) == "\"\"007\"\" and \"7\" differ by zeros, quotes, spaces and case alone");
  CHECK(reason(ids({"0"}), ids({"00"})) == "\"0\" and \"00\" differ by leading zeros alone");
  CHECK(reason(ids({"10"}), ids({"1"})) == "");
}

TEST_CASE("unmet: users and items swapped") {
  const IdTable people = ids({"ann", "bob"});
  const IdTable films = ids({"dune", "heat"});
  const MatchedTable straight{.name = "a", .users = {&people}, .items = {&films}};
  const MatchedTable swapped{.name = "b", .users = {&films}, .items = {&people}};
  const std::vector<std::string> texts = unmet(swapped, straight);
  REQUIRE(texts.size() == 2);
  CHECK(
      texts[0].ends_with("; users of b are items of a: the columns user and item of one of them are swapped (see "
                         "--columns)"));
  CHECK(
      texts[1].ends_with("; items of b are users of a: the columns user and item of one of them are swapped (see "
                         "--columns)"));
}

TEST_CASE("StreamIds: distinct ids until the first that is known; pieces in order are the stream") {
  StreamIds whole;
  StreamIds first;
  StreamIds second;
  for (const char* id : {"b", "a", "b"}) {
    whole.add(id, false);
    first.add(id, false);
  }
  for (const char* id : {"c", "a"}) {
    whole.add(id, false);
    second.add(id, false);
  }
  first.add(second);
  for (const StreamIds* stream : {&whole, &first}) {
    CHECK(stream->size() == 3);
    CHECK_FALSE(stream->met());
    CHECK((*stream->column().ids)[0] == "b");
    CHECK((*stream->column().ids)[2] == "c");
  }
  const IdTable other = ids({"z"});
  CHECK(unmet(IdKind::kUser, {.name = "s", .users = whole.column(), .items = {}},
              {.name = "o", .users = {&other}, .items = {}}) ==
        "s and o have no user in common: 3 users (\"b\", ...) against 1 user (\"z\")");
  StreamIds met;
  met.add("z", true);
  first.add(met);
  CHECK(first.met());
  CHECK(unmet(IdKind::kUser, {.name = "s", .users = first.column(), .items = {}},
              {.name = "o", .users = {&other}, .items = {}}) == "");
}

TEST_CASE("StreamIds: memory is bounded, and the count says so") {
  StreamIds stream;
  for (size_t id = 0; id < StreamIds::kMost + 5; ++id) stream.add(std::to_string(id), false);
  CHECK(stream.size() == StreamIds::kMost);
  const IdTable other = ids({"z"});
  const std::string text = unmet(IdKind::kItem, {.name = "s", .users = {}, .items = stream.column()},
                                 {.name = "o", .users = {}, .items = {&other}});
  CHECK(text.find("more than 100000 items (\"0\", ...)") != std::string::npos);
}

}  // namespace rec::overlap_test
