#include "search/search.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

namespace rec::search_test {
namespace {

SearchSpace space_of(const std::string& text) { return {Space::parse(text), std::nullopt}; }

int no_epochs(const SearchSpace&, const Words&) { return 0; }

TEST_CASE("rungs are a ninth, a third and all of the epochs, rounded up, of two epochs at least") {
  CHECK(rungs_of(0, true) == std::vector<int>{0});
  CHECK(rungs_of(1, true) == std::vector<int>{1});
  CHECK(rungs_of(3, true) == std::vector<int>{3});
  CHECK(rungs_of(4, true) == std::vector<int>{2, 4});
  CHECK(rungs_of(9, true) == std::vector<int>{3, 9});
  CHECK(rungs_of(16, true) == std::vector<int>{2, 6, 16});
  CHECK(rungs_of(100, true) == std::vector<int>{12, 34, 100});
  CHECK(rungs_of(100, false) == std::vector<int>{100});
}

TEST_CASE("--epochs is said once, in whatever way it was said before") {
  CHECK(with_epochs({"--epochs", "9", "--dim", "3"}, 2) == Words{"--dim", "3", "--epochs", "2"});
  CHECK(with_epochs({"-e", "9"}, 2) == Words{"--epochs", "2"});
  CHECK(with_epochs({"-e9", "--dim", "3"}, 2) == Words{"--dim", "3", "--epochs", "2"});
  CHECK(with_epochs({"--dim", "3", "--epochs=9"}, 2) == Words{"--dim", "3", "--epochs", "2"});
  CHECK(with_epochs({"--dim", "3"}, 0) == Words{"--dim", "3"});
}

// By hand: seven points of 18 epochs, rungs of 2, 6 and 18, and what they came to.
TEST_CASE("successive halving of one space, step by step") {
  Search search({space_of("x {1..7}")}, {.trials = 7}, [](const SearchSpace&, const Words&) { return 18; });
  const auto run = [&](size_t point, int epochs, double value) {
    const auto its = search.next();
    REQUIRE(its);
    CHECK(its->point == point);
    CHECK(its->epochs == epochs);
    CHECK(its->words.back() == std::to_string(epochs));
    CHECK(its->more == (epochs < 18));
    search.record(*its, value);
  };
  run(0, 2, 0.1);
  run(1, 2, 0.3);  // of two the better goes on
  run(1, 6, 0.4);
  run(1, 18, 0.5);  // and to its end
  run(2, 2, 0.2);
  run(3, 2, 0.4);   // among the best third, 1 of 4
  run(3, 6, 0.3);   // but not with 6 epochs
  run(4, 2, 0.35);  // 1 of 5
  run(5, 2, 0.38);  // 2 of 6: those of 3 and 5
  run(5, 6, 0.45);
  run(5, 18, 0.6);
  run(6, 2, 0.0);
  CHECK_FALSE(search.next());
}

TEST_CASE("where there are no more points the only one of a space goes on to its end") {
  Search search({space_of("x {1..7}"), space_of("y {1..7}")}, {.trials = 2},
                [](const SearchSpace& space, const Words&) { return space.space.model() == "x" ? 18 : 0; });
  std::vector<std::string> ran;
  while (const auto run = search.next()) {
    ran.push_back(search.space(run->space).model() + " " + std::to_string(run->epochs));
    search.record(*run, 0.5);
  }
  CHECK(ran == std::vector<std::string>{"x 2", "y 0", "x 6", "x 18"});
}

TEST_CASE("a run that failed goes no further, and the next best does") {
  Search search({space_of("x {1..3}")}, {}, [](const SearchSpace&, const Words&) { return 18; });
  search.record(*search.next(), std::nullopt);
  search.record(*search.next(), 0.3);
  const auto third = search.next();
  CHECK(third->rung == 0);  // one value is not two
  search.record(*third, 0.2);
  const auto fourth = search.next();
  CHECK(fourth->point == 1);
  CHECK(fourth->rung == 1);
}

TEST_CASE("no halving: each point has all its epochs at once") {
  Search search({space_of("x {1..5}")}, {.halving = false}, [](const SearchSpace&, const Words&) { return 18; });
  int runs = 0;
  while (const auto run = search.next()) {
    CHECK(run->epochs == 18);
    search.record(*run, 0.1 * ++runs);
  }
  CHECK(runs == 5);
}

TEST_CASE("each space begins with its first point, and the better ones have more turns") {
  std::vector<SearchSpace> spaces;
  for (const char* name : {"a", "b", "c"}) {
    spaces.push_back(space_of(std::string(name) + " {0.0..1}"));
    spaces.back().first = Words{};
  }
  Search search(std::move(spaces), {.trials = 70}, no_epochs);
  std::vector<int> runs(3);
  for (int number = 0; const auto run = search.next(); ++number) {
    if (number < 3) {
      CHECK(run->space == static_cast<size_t>(number));
      CHECK(run->words.empty());
    }
    ++runs[run->space];
    search.record(*run, run->space == 1 ? 0.9 : run->space == 0 ? 0.5 : 0.1);
  }
  CHECK(runs[0] + runs[1] + runs[2] == 70);
  CHECK(runs[1] == 40);  // shares of 1, 1/2 and 1/4
  CHECK(runs[0] == 20);
  CHECK(runs[2] == 10);
}

TEST_CASE("a new run that is skipped ends its space, an old one only itself") {
  Search search({space_of("x {1..9}"), space_of("y {1..2}")}, {}, no_epochs);
  search.record(*search.next(), 0.5);
  search.record(*search.next(), 0.1);
  const auto run = search.next();
  CHECK(run->space == 0);
  search.skip(*run);
  CHECK(search.next()->space == 1);
}

TEST_CASE("of errors the lower is better") {
  Search search({space_of("x {1..9}")}, {.lower_is_better = true}, [](const SearchSpace&, const Words&) { return 18; });
  search.record(*search.next(), 0.5);
  search.record(*search.next(), 0.7);
  CHECK(search.next()->point == 0);
}

// A value that looks random and depends on the run alone.
double value_of(const std::string& line) {
  uint64_t hash = 1469598103934665603U;
  for (const char c : line) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return static_cast<double>(hash >> 11) * 0x1p-53;
}

struct Counts {
  std::vector<std::string> lines;  // of the runs, in the order of their turns
  size_t begun = 0, unused = 0, waits = 0;
};

// Runs a search with up to `places` runs at a time that take equally long.
Counts run_beside(size_t places, bool lower) {
  std::vector<SearchSpace> spaces{space_of("x {0.0..1} --epochs 18"), space_of("y {1..30}"), space_of("z {1..3}")};
  Search plan(std::move(spaces), {.trials = 40, .lower_is_better = lower},
              [](const SearchSpace& space, const Words&) { return space.space.model() == "x" ? 18 : 0; });
  const auto line_of = [&](const SearchRun& run) {
    return plan.space(run.space).model() + " " + shell_line(run.words);
  };
  const auto metric_of = [](const std::string& line) -> std::optional<double> {
    const double value = value_of(line);
    if (value < 0.05) return std::nullopt;
    return value;
  };
  std::map<std::string, SearchRun> running, ended;
  Counts counts;
  while (const auto run = plan.next()) {
    const std::string line = line_of(*run);
    counts.lines.push_back(line);
    const auto known = [&](const SearchRun& its) -> RunKnown {
      const std::string text = line_of(its);
      if (ended.contains(text)) return {RunKnown::kEnded, metric_of(text)};
      return {running.contains(text) ? RunKnown::kRuns : RunKnown::kNothing, {}};
    };
    if (!ended.contains(line)) {
      ++counts.waits;
      counts.begun += running.emplace(line, *run).second ? 1 : 0;
      while (running.size() < places) {
        const auto next = plan.ahead(*run, known, 20);
        if (!next) break;
        // It goes on from no run whose turn has not come.
        if (next->rung > 0) {
          bool before = false;
          for (const std::string& past : counts.lines)
            before |= past == plan.space(next->space).model() + " " +
                                  shell_line(with_epochs(next->words, rungs_of(18, true)[next->rung - 1])) &&
                      past != line;
          CHECK(before);
        }
        CHECK(running.emplace(line_of(*next), *next).second);
        ++counts.begun;
      }
      ended.merge(running);
      running.clear();
    }
    plan.record(*run, metric_of(line));
    ended.erase(line);
  }
  counts.unused = ended.size();
  return counts;
}

TEST_CASE("side by side: the same runs in the same order, in fewer rounds, and few for nothing") {
  for (const bool lower : {false, true}) {
    const Counts alone = run_beside(1, lower);
    CHECK(alone.begun == alone.lines.size());
    CHECK(alone.waits == alone.lines.size());
    for (const size_t places : {2U, 4U}) {
      const Counts beside = run_beside(places, lower);
      CHECK(beside.lines == alone.lines);
      CHECK(beside.begun == beside.lines.size() + beside.unused);
      CHECK(beside.unused * 10 <= beside.lines.size() * 2);
      CHECK(beside.waits * places <= alone.waits * 15 / 10);
      MESSAGE(places << ": " << beside.lines.size() << " runs, " << beside.waits << " rounds, " << beside.unused
                     << " unused");
    }
  }
}

TEST_CASE("ahead changes nothing of the search, and ends where there are no more points") {
  Search search({space_of("x {1..2}")}, {}, no_epochs);
  const auto nothing = [](const SearchRun&) { return RunKnown{}; };
  const auto first = search.next();
  const auto beside = search.ahead(*first, nothing, 9);
  REQUIRE(beside);
  CHECK(beside->point == 1);
  CHECK(search.ahead(*first, nothing, 9)->words == beside->words);
  CHECK_FALSE(search.ahead(*first, nothing, 0));
  CHECK_FALSE(search.ahead(
      *first,
      [](const SearchRun&) {
        return RunKnown{RunKnown::kRuns, {}};
      },
      9));
  search.record(*first, 0.5);
  CHECK(search.next()->words == beside->words);
}

}  // namespace
}  // namespace rec::search_test
