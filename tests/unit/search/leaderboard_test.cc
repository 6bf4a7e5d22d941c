#include "search/leaderboard.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "temp_folder.h"

namespace rec::leaderboard_test {
namespace {

const SearchIdentity kIdentity{"11111111", "22222222", "33333333"};
const std::string kHeader = "rank\ttrial\tmodel\toptions\tepoch\tndcg@10\tseconds\tmemory\tsearch\n";

class Scratch {
 public:
  explicit Scratch(const std::string& text = "") { folder_.file("board", text); }
  std::string path() const { return folder_.path("board"); }
  std::string text() const { return folder_.read("board"); }

 private:
  const TempFolder folder_;
};

std::string refusal(const std::string& text, const std::string& metric = "ndcg@10") {
  const Scratch file(text);
  Leaderboard board(metric, false, kIdentity);
  try {
    board.read(file.path());
  } catch (const Error& error) {
    return std::string(error.what()).substr(file.path().size());
  }
  return "taken";
}

TEST_CASE("a run would lead that is better than all before it, a lower error or a higher gain") {
  for (const bool lower : {false, true}) {
    Leaderboard board(lower ? "rmse" : "ndcg@10", lower, kIdentity);
    CHECK(board.would_lead(0.5));
    board.add({.trial = 1, .model = "mf", .options = "", .metric = std::nullopt});
    CHECK(board.would_lead(0.5));
    board.add({.trial = 2, .model = "mf", .options = "--dim 2", .metric = 0.5});
    CHECK_FALSE(board.would_lead(0.5));
    CHECK(board.would_lead(0.25) == lower);
    CHECK(board.would_lead(0.75) != lower);
  }
}

TEST_CASE("the best is first, equal ones by trial, those that failed last") {
  Leaderboard board("ndcg@10", false, kIdentity);
  CHECK(board.best() == nullptr);
  board.add({.trial = 1, .model = "als", .options = "--dim 4", .epoch = 2, .metric = 0.25, .seconds = 1, .memory = 2});
  board.add({.trial = 2, .model = "mf", .options = "", .metric = std::nullopt, .seconds = 0.5});
  CHECK(board.best()->trial == 1);
  board.add({.trial = 3, .model = "ease", .options = "'a b'", .metric = 0.5, .seconds = 1.5, .memory = 0.25});
  board.add({.trial = 4, .model = "knn", .options = "", .metric = 0.25});
  CHECK(board.best()->trial == 3);
  const Scratch file;
  board.write(file.path(), Sync::kNo);
  const std::string id = "\t11111111-22222222-33333333\n";
  CHECK(file.text() == kHeader + "1\t3\tease\t'a b'\t\t0.5\t1.500\t0.250" + id +
                           "2\t1\tals\t--dim 4\t2\t0.25\t1.000\t2.000" + id + "3\t4\tknn\t\t\t0.25\t0.000\t0.000" + id +
                           "\t2\tmf\t\t\t\t0.500\t0.000" + id);

  Leaderboard again("ndcg@10", false, kIdentity);
  again.read(file.path());
  REQUIRE(again.rows().size() == 4);
  CHECK(again.rows()[0].trial == 1);  // by trial, as they ran
  CHECK(again.rows()[0].epoch == 2);
  CHECK_FALSE(again.rows()[1].metric);
  CHECK(again.rows()[2].options == "'a b'");
  CHECK(again.find("ease", "'a b'")->trial == 3);
  CHECK(again.find("ease", "") == nullptr);
  const Scratch second;
  again.write(second.path(), Sync::kNo);
  CHECK(second.text() == file.text());
}

TEST_CASE("numbers read back as they were") {
  Leaderboard board("ndcg@10", false, kIdentity);
  const double value = 0.1 + 0.2;
  board.add({.trial = 1, .model = "als", .options = "", .metric = value});
  const Scratch file;
  board.write(file.path(), Sync::kNo);
  Leaderboard again("ndcg@10", false, kIdentity);
  again.read(file.path());
  CHECK(again.rows()[0].metric == value);
}

TEST_CASE("of errors the lowest is best") {
  Leaderboard board("rmse", true, kIdentity);
  board.add({.trial = 1, .model = "mf", .options = "", .metric = 0.9});
  board.add({.trial = 2, .model = "mf", .options = "--dim 2", .metric = 0.8});
  CHECK(board.best()->trial == 2);
}

TEST_CASE("a leaderboard of another search says of what other") {
  const auto row = [](const std::string& search) { return kHeader + "1\t1\tals\t\t\t0.5\t1\t1\t" + search + "\n"; };
  CHECK(refusal(row("11111111-22222222-33333333")) == "taken");
  CHECK(refusal(row("10000000-22222222-33333333")).starts_with(": of other interactions: name another"));
  CHECK(refusal(row("11111111-20000000-33333333")).starts_with(": of other held-out rows: name another"));
  CHECK(refusal(row("11111111-22222222-30000000")).starts_with(": of a search with other spaces, seed, or other"));
  CHECK(refusal(row("x")).starts_with(": of other interactions: name another"));
  CHECK(refusal(row("11111111-22222222-33333333"), "recall@5") ==
        ": of a search by ndcg@10, here recall@5: name another --leaderboard, or remove it to begin anew");
}

TEST_CASE("what is no leaderboard is refused") {
  const std::string id = "11111111-22222222-33333333\n";
  CHECK(refusal("user\titem\na\tx\n") == ": no leaderboard of rec-tune: name another --leaderboard");
  CHECK(refusal("") == ": no leaderboard of rec-tune: name another --leaderboard");
  CHECK(refusal(kHeader) == "taken");
  CHECK(refusal(kHeader + "1\tx\tals\t\t\t0.5\t1\t1\t" + id) == ":2: field 2: not a whole number: \"x\"");
  CHECK(refusal(kHeader + "1\t1\tals\t\t\thigh\t1\t1\t" + id) == ":2: field 6: not a number: \"high\"");
  CHECK(refusal(kHeader + "1\t1\tals\t\t\t0.5\t1\t1\t" + id + "2\t2\tals\t\t\t0.4\t1\t1\t" + id) ==
        ":3: field 4: a run that is there twice: \"\"");
  CHECK(refusal(kHeader + "1\t1\tals\t\t\t0.5\t1\n").starts_with(":2: expected 9"));
}

}  // namespace
}  // namespace rec::leaderboard_test
