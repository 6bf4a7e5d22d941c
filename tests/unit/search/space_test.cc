#include "search/space.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"

namespace rec::space_test {
namespace {

const double kLast = std::nextafter(1.0, 0.0);

Words at(const char* text, std::vector<double> u) { return Space::parse(text).at(u); }

std::string refusal(const std::string& text) {
  try {
    Space::parse(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "taken";
}

TEST_CASE("a space without braces is one point") {
  const Space space = Space::parse(" als\t--dim 16  --reg\n0.1 ");
  CHECK(space.model() == "als");
  CHECK(space.text() == "als\t--dim 16  --reg\n0.1");
  CHECK(space.dimensions() == 0);
  CHECK(space.size() == 1);
  CHECK(space.at({}) == Words{"--dim", "16", "--reg", "0.1"});
  CHECK(Space::parse("pop").at({}).empty());
}

TEST_CASE("choices split the unit interval into equal parts, and may be several words or none") {
  const char* space = "als --dim {16,32,64}";
  CHECK(at(space, {0.0}) == Words{"--dim", "16"});
  CHECK(at(space, {0.33}) == Words{"--dim", "16"});
  CHECK(at(space, {0.34}) == Words{"--dim", "32"});
  CHECK(at(space, {kLast}) == Words{"--dim", "64"});
  CHECK(at("mf {,--implicit}", {0.2}).empty());
  CHECK(at("mf {,--implicit}", {0.8}) == Words{"--implicit"});
  CHECK(at("svd {--pure, --graph-filter 0.3 --sharpen 1 }", {0.9}) == Words{"--graph-filter", "0.3", "--sharpen", "1"});
  CHECK(at("als --dim={16,32}", {0.9}) == Words{"--dim", "32"});
  CHECK(at("als --dim {7}", {0.5}) == Words{"--dim", "7"});
}

TEST_CASE("ranges: whole numbers, reals of three digits, logarithms") {
  CHECK(at("x {3..5}", {0.0}) == Words{"3"});
  CHECK(at("x {3..5}", {0.34}) == Words{"4"});
  CHECK(at("x {3..5}", {kLast}) == Words{"5"});
  CHECK(at("x {-2..1}", {0.3}) == Words{"-1"});
  CHECK(at("x {0..0.5}", {0.0}) == Words{"0"});
  CHECK(at("x {0..0.5}", {0.24691358}) == Words{"0.123"});
  CHECK(at("x {0..0.5}", {kLast}) == Words{"0.5"});
  CHECK(at("x {1e-4..1e-1 log}", {0.0}) == Words{"0.0001"});
  CHECK(at("x {1e-4..1e-1 log}", {1.0 / 3}) == Words{"0.001"});
  CHECK(at("x {1e-4 .. 1e-1  log}", {kLast}) == Words{"0.1"});
  // 1, 2, ..., 8: the logarithm of value + 1 is uniform.
  CHECK(at("x {1..8 log}", {0.0}) == Words{"1"});
  CHECK(at("x {1..8 log}", {0.32}) == Words{"2"});
  CHECK(at("x {1..8 log}", {kLast}) == Words{"8"});
  // What rounding would move out of the range stays in it.
  CHECK(at("x {0.12345..1 log}", {0.0}) == Words{"0.12345"});
  CHECK(at("x {0.1..0.98765}", {kLast}) == Words{"0.98765"});
}

TEST_CASE("quotes and backslashes are as in a shell") {
  CHECK(Space::parse("x --a 'b c' \"d'e\" f\\ g").at({}) == Words{"--a", "b c", "d'e", "f g"});
  CHECK(Space::parse("x '{1,2}' \\{3 ''").at({}) == Words{"{1,2}", "{3", ""});
  CHECK(at("x {'a,b',c}", {0.1}) == Words{"a,b"});
  CHECK(at("x {'1..2',c}", {0.1}) == Words{"1..2"});
  CHECK(at("x {'3..4'}", {0.5}) == Words{"3..4"});
  CHECK(shell_line({"--reg", "0.1", "a b", "it's", "", "Ä", "--x=1"}) == "--reg 0.1 'a b' 'it'\\''s' '' 'Ä' --x=1");
}

TEST_CASE("what is no space is refused, with what is wrong") {
  CHECK(refusal("").starts_with("--space: expected a trainer first"));
  CHECK(refusal("--dim 3").starts_with("--space: expected a trainer first"));
  CHECK(refusal("{als,svd} --dim 3").starts_with("--space: expected a trainer first"));
  CHECK(refusal("als {1") == "--space: a brace is not closed: als {1");
  CHECK(refusal("als 1}") == "--space: a brace that nothing opened: als 1}");
  CHECK(refusal("als {1,{2}}") == "--space: a brace within braces: als {1,{2}}");
  CHECK(refusal("als {}") == "--space: nothing between braces: als {}");
  CHECK(refusal("als { }") == "--space: nothing between braces: als { }");
  CHECK(refusal("als 'x") == "--space: a quote is not closed: als 'x");
  CHECK(refusal("als a{1,2}").starts_with("--space: braces are a word of their own"));
  CHECK(refusal("als {1,2}b").starts_with("--space: braces are a word of their own"));
  CHECK(refusal("als --a=b={1,2}").starts_with("--space: braces are a word of their own"));
  CHECK(refusal("als {1..x}").starts_with("--space: expected a range"));
  CHECK(refusal("als {..2}").starts_with("--space: expected a range"));
  CHECK(refusal("als {1..nan}").starts_with("--space: expected a range"));
  CHECK(refusal("als {1..2 lin}").starts_with("--space: expected a range"));
  CHECK(refusal("als {2..2}").starts_with("--space: expected a range that rises"));
  CHECK(refusal("als {0..1 log}").starts_with("--space: expected a range above 0"));
  CHECK(refusal("als {0..9007199254740993}").starts_with("--space: a range of numbers that are too large"));
  CHECK(refusal("als {-9223372036854775808..9223372036854775807}").starts_with("--space: a range of numbers that"));
  CHECK(refusal("als {-1e308..1e308}").starts_with("--space: a range of numbers that are too large"));
  CHECK(refusal("als {1..2,5}").starts_with("--space: a range stands alone"));
  CHECK(refusal("als {1,2,1}").starts_with("--space: a choice that is there twice"));
  CHECK(refusal("als {,,1}").starts_with("--space: a choice that is there twice"));
  CHECK(refusal("als 'a\x01'").starts_with("--space: a control character"));
  CHECK(refusal("als a\\\nb").starts_with("--space: a control character"));
}

TEST_CASE("size is how many points there are") {
  CHECK(Space::parse("x {1,2,3} {4..7}").size() == 12);
  CHECK(Space::parse("x {0..1000000} {0..1000000}").size() == uint64_t{1} << 32);
  CHECK_FALSE(Space::parse("x {1,2} {0.5..1}").size());
}

TEST_CASE("corners: both ends, or each choice, of each dimension beside the first of the others") {
  const std::vector<Words> expected{{"a", "1"}, {"b", "1"}, {"c", "1"}, {"a", "9"}};
  CHECK(Space::parse("x {a,b,c} {1..9}").corners() == expected);
  CHECK(Space::parse("x y").corners() == std::vector<Words>{{"y"}});
}

TEST_CASE("a small space is gone through, each point once, in an order of the seed") {
  const Space space = Space::parse("x {1,2,3} {1..8 log}");
  std::vector<Words> orders[2];
  for (const uint64_t seed : {1, 2}) {
    PointSequence points(space, seed, 0);
    while (const auto point = points.next()) {
      CHECK(space.at(point->u) == point->words);
      orders[seed - 1].push_back(point->words);
    }
    CHECK(orders[seed - 1].size() == 24);
    CHECK(std::set<Words>(orders[seed - 1].begin(), orders[seed - 1].end()).size() == 24);
  }
  CHECK(orders[0] != orders[1]);
  PointSequence points(space, 1, 0);
  points.leave_out(orders[0][0]);
  CHECK(points.next()->words == orders[0][1]);
}

TEST_CASE("points of a large space are spread evenly") {
  const Space space = Space::parse("x {0..1.5} {1e-4..1e-1 log}");
  constexpr int kPoints = 64;
  PointSequence points(space, 7, 3);
  std::vector<double> u[2];
  for (int point = 0; point < kPoints; ++point) {
    const auto its = points.next();
    for (size_t dimension = 0; dimension < 2; ++dimension) u[dimension].push_back(its->u[dimension]);
  }
  for (std::vector<double>& values : u) {
    std::sort(values.begin(), values.end());
    double gap = values.front() + 1.0 - values.back();
    for (int at = 1; at < kPoints; ++at) gap = std::max(gap, values[at] - values[at - 1]);
    CHECK(gap < 4.0 / kPoints);  // at random the greatest would be about ln(64) / 64
  }
}

TEST_CASE("from the ninth on every other point is near the best, and within bounds") {
  const Space space = Space::parse("x {0.0..1} {0.0..1} {0.0..1}");
  PointSequence points(space, 1, 0);
  const std::vector<double> best{0.99, 0.01, 0.5};
  int near = 0;
  for (int point = 0; point < 200; ++point) {
    const auto its = points.next(&best);
    REQUIRE(its);
    double distance = 0;
    for (size_t dimension = 0; dimension < 3; ++dimension) {
      CHECK(its->u[dimension] >= 0.0);
      CHECK(its->u[dimension] < 1.0);
      distance = std::max(distance, std::abs(its->u[dimension] - best[dimension]));
    }
    if (point < 8) CHECK(distance > 0.1);
    near += distance < 0.4 ? 1 : 0;
  }
  CHECK(near >= 90);
  CHECK(near < 130);
}

}  // namespace
}  // namespace rec::space_test
