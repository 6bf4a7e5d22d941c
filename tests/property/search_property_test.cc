// Searches of random spaces, each step of which is compared with what the rules of search.h say, told from the list of
// all runs so far.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/rng.h"
#include "search/search.h"

namespace rec::search_property_test {
namespace {

struct Ran {
  size_t space, point, rung;
  std::optional<double> value;
};

// The rules, by looking at everything anew.
class Twin {
 public:
  Twin(size_t spaces, const SearchOptions& options) : options_(options), spaces_(spaces) {}

  // Which point goes on from `rung` of a space.
  std::optional<size_t> goes_on(size_t space, size_t rung, bool last) const {
    std::vector<const Ran*> there;
    bool any_went = false;
    for (const Ran& ran : all) {
      if (ran.space != space || ran.rung != rung || !ran.value || rungs.at({space, ran.point}) <= rung + 1) continue;
      there.push_back(&ran);
      any_went |= went(space, ran.point, rung + 1);
    }
    std::sort(there.begin(), there.end(), [&](const Ran* a, const Ran* b) {
      return *a->value != *b->value ? better(*a->value, *b->value) : a->point < b->point;
    });
    size_t may = there.size() / 3;
    if (may == 0 && (rung > 0 || there.size() > 1)) may = 1;
    if (last) may = any_went ? 0 : 1;
    for (size_t place = 0; place < std::min(may, there.size()); ++place) {
      const size_t point = there[place]->point;
      if (!went(space, point, rung + 1) && !skipped.contains({space, point})) return point;
    }
    return std::nullopt;
  }
  std::optional<Ran> promotion(size_t space, bool last) const {
    for (const size_t rung : {1, 0}) {
      if (const auto point = goes_on(space, rung, last)) return Ran{space, *point, rung + 1, std::nullopt};
    }
    return std::nullopt;
  }
  // The spaces in the order in which they are asked.
  std::vector<size_t> turns() const {
    std::vector<std::pair<size_t, std::optional<double>>> places;
    for (size_t space = 0; space < spaces_; ++space) {
      std::optional<double> best;
      for (const Ran& ran : all) {
        if (ran.space == space && ran.value && (!best || better(*ran.value, *best))) best = ran.value;
      }
      places.emplace_back(space, best);
    }
    std::stable_sort(places.begin(), places.end(), [&](const auto& a, const auto& b) {
      return a.second && (!b.second || better(*a.second, *b.second));
    });
    std::vector<std::pair<double, size_t>> wants;
    for (size_t place = 0; place < spaces_; ++place) {
      const auto runs =
          std::count_if(all.begin(), all.end(), [&](const Ran& ran) { return ran.space == places[place].first; });
      wants.emplace_back(std::pow(0.5, std::min<double>(static_cast<double>(place), 4)) / static_cast<double>(runs + 1),
                         places[place].first);
    }
    std::stable_sort(wants.begin(), wants.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<size_t> order;
    for (const auto& [want, space] : wants) order.push_back(space);
    return order;
  }
  size_t points(size_t space) const {
    std::set<size_t> its;
    for (const Ran& ran : all) {
      if (ran.space == space) its.insert(ran.point);
    }
    for (const auto& [of, point] : skipped) {
      if (of == space) its.insert(point);
    }
    return its.size();
  }
  bool went(size_t space, size_t point, size_t rung) const {
    return skipped_runs.contains({space, point, rung}) || std::any_of(all.begin(), all.end(), [&](const Ran& ran) {
             return ran.space == space && ran.point == point && ran.rung == rung;
           });
  }

  std::vector<Ran> all;
  std::map<std::pair<size_t, size_t>, size_t> rungs;  // of each point
  std::set<std::pair<size_t, size_t>> skipped;
  std::set<std::tuple<size_t, size_t, size_t>> skipped_runs;
  std::set<size_t> ended;  // spaces without further points

 private:
  bool better(double a, double b) const { return options_.lower_is_better ? a < b : a > b; }
  const SearchOptions options_;
  const size_t spaces_;
};

TEST_CASE("each step of a search is the one that its rules say") {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Rng random(seed);
    const size_t n_spaces = 1 + random.below(4);
    std::vector<SearchSpace> spaces;
    std::vector<uint64_t> sizes;
    std::vector<int> epochs;
    for (size_t space = 0; space < n_spaces; ++space) {
      sizes.push_back(1 + random.below(12));
      epochs.push_back(static_cast<int>(random.below(3) == 0 ? random.below(5) : random.below(60)));
      spaces.push_back({Space::parse(fmt::format("m{} {{0..{}}}", space, sizes.back())), std::nullopt});
      ++sizes.back();
    }
    SearchOptions options;
    options.seed = seed;
    options.lower_is_better = random.below(2) == 1;
    options.halving = random.below(5) != 0;
    if (random.below(2) == 1) options.trials = 1 + random.below(30);
    Search search(spaces, options, [&](const SearchSpace& space, const Words&) {
      return epochs[static_cast<size_t>(space.space.model()[1] - '0')];
    });
    Twin twin(n_spaces, options);
    uint64_t drawn = 0;
    std::set<std::pair<size_t, Words>> seen;
    while (true) {
      const auto run = search.next();
      // What it must be: a first point of each space, then by turns a promotion or a new point.
      std::optional<Ran> expected;
      const auto has_point = [&](size_t space) {
        return drawn < options.trials && twin.points(space) < sizes[space] && !twin.ended.contains(space);
      };
      for (size_t space = 0; space < n_spaces && !expected; ++space) {
        if (twin.points(space) == 0 && has_point(space)) expected = Ran{space, 0, 0, std::nullopt};
      }
      for (const bool last : {false, true}) {
        for (const size_t space : twin.turns()) {
          if (expected) break;
          expected = twin.promotion(space, last);
          if (!expected && !last && has_point(space)) expected = Ran{space, twin.points(space), 0, std::nullopt};
        }
      }
      REQUIRE(run.has_value() == expected.has_value());
      if (!run) break;
      REQUIRE(run->space == expected->space);
      REQUIRE(run->point == expected->point);
      REQUIRE(run->rung == expected->rung);
      const std::vector<int> rungs = rungs_of(epochs[run->space], options.halving);
      REQUIRE(run->epochs == rungs[run->rung]);
      REQUIRE(run->more == (run->rung + 1 < rungs.size()));
      if (run->rung == 0) {
        ++drawn;
        REQUIRE(seen.insert({run->space, run->words}).second);  // each point once
        twin.rungs[{run->space, run->point}] = rungs.size();
      }
      if (random.below(40) == 0) {
        search.skip(*run);
        twin.skipped.insert({run->space, run->point});
        twin.skipped_runs.insert({run->space, run->point, run->rung});
        if (run->rung == 0) twin.ended.insert(run->space);
        continue;
      }
      std::optional<double> value;
      if (random.below(20) != 0) value = static_cast<double>(random.below(10));  // many are equal
      search.record(*run, value);
      twin.all.push_back({run->space, run->point, run->rung, value});
    }
  }
}

std::string random_word(Rng& random) {
  static const std::string bytes = "ab1.,'\"\\{} =-_\xc3\xa4$";
  std::string word;
  for (uint64_t left = random.below(6); left > 0; --left) word += bytes[random.below(bytes.size())];
  return word;
}

TEST_CASE("a point, written as a shell reads it, is read back as a space of one point") {
  Rng random(5);
  for (int round = 0; round < 5000; ++round) {
    Words words;
    for (uint64_t left = random.below(5); left > 0; --left) words.push_back(random_word(random));
    const std::string line = shell_line(words);
    CAPTURE(line);
    const Space space = Space::parse("x " + line);
    REQUIRE(space.dimensions() == 0);
    REQUIRE(space.at({}) == words);
  }
}

TEST_CASE("any text is a space whose points can be drawn, or is refused") {
  Rng random(9);
  int taken = 0;
  for (int round = 0; round < 20000; ++round) {
    static const std::vector<std::string> pieces{"{",    "}",   ",",  "..",  " ",     "log", " log",
                                                 "1",    "0.5", "-3", "1e9", "1e308", "nan", "--a",
                                                 "--a=", "'",   "\"", "\\",  "x",     "\x01"};
    static const std::vector<std::string> valid{"x --a {1..20 log} --b {p,q r,}", "x --a={0.5..7} 'b c' {1,2}",
                                                "x {1..3} {-4..5}", "x {'a,b',c\\,d}"};
    std::string text = valid[random.below(valid.size())];
    for (uint64_t left = random.below(5); left > 0; --left) {
      const size_t at = 2 + random.below(text.size() - 1);
      if (random.below(3) == 0) text.erase(std::min(at, text.size()), 1);
      text.insert(std::min(at, text.size()), pieces[random.below(pieces.size())]);
    }
    CAPTURE(text);
    try {
      const Space space = Space::parse(text);
      for (const Words& words : space.corners()) REQUIRE(Space::parse("x " + shell_line(words)).at({}) == words);
      PointSequence points(space, 1, 0);
      for (int point = 0; point < 3; ++point) points.next();
      taken += space.dimensions() > 0 ? 1 : 0;
    } catch (const UsageError& error) {
      REQUIRE(std::string(error.what()).starts_with("--space: "));
    }
  }
  CHECK(taken > 2000);
  CHECK(taken < 18000);
}

TEST_CASE("numbers of a range are within it, and a whole one gives each value") {
  Rng random(6);
  for (int round = 0; round < 2000; ++round) {
    const auto least = static_cast<int64_t>(random.below(40)) + 1;
    const int64_t most = least + 1 + static_cast<int64_t>(random.below(60));
    const bool log = random.below(2) == 1;
    const Space whole = Space::parse(fmt::format("x {{{}..{}{}}}", least, most, log ? " log" : ""));
    REQUIRE(whole.size() == static_cast<uint64_t>(most - least + 1));
    for (int64_t value = least; value <= most; ++value) {
      const std::vector<double> u{whole.middle(0, static_cast<uint64_t>(value - least))};
      REQUIRE(whole.at(u) == Words{std::to_string(value)});
    }
    const double low = std::exp(random.normal(3)), high = low * (1.0 + std::exp(random.normal(2)));
    const Space real = Space::parse(fmt::format("x {{{}..{}{}}}", low, high, log ? " log" : ""));
    const double value = std::stod(real.at(std::vector<double>{random.uniform()})[0]);
    REQUIRE(value >= low);
    REQUIRE(value <= high);
  }
}

}  // namespace
}  // namespace rec::search_property_test
