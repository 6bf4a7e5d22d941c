#include "base/option.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace rec::option_test {

namespace {

enum class Kind { kNone, kLog };
constexpr Named<Kind> kKinds[] = {{"none", Kind::kNone}, {"log", Kind::kLog}};

struct Options {
  int dim = 8;
  double rate = 0.1;
  double half_life = 0.0;
  std::optional<double> now;
  uint64_t seed = 1;
  bool tied = true;
  Kind kind = Kind::kNone;

  void describe(OptionTable& table) {
    table.add("-d,--dim", dim, "N", "Factors").range(1, 16);
    table.add("--rate", rate, "R", "Rate").above(0).below(1).formerly("step");
    table.add("--half-life", half_life, "T", "Decay").above(0).none(0);
    table.add("--now", now, "T", "Now");
    table.add("--seed", seed, "N", "Seed");
    table.flag("--untied", tied, "Two tables", false);
    table.choice("--kind", kind, kKinds, "Kind");
  }
};

}  // namespace

TEST_CASE("options: there and back through the meta of a model") {
  Options options;
  options.dim = 3;
  options.rate = 0.1 + 0.2;
  options.now = 1.5e9;
  options.seed = 18446744073709551615u;
  options.tied = false;
  options.kind = Kind::kLog;
  std::map<std::string, std::string> meta;
  write_options(options, meta);
  CHECK(meta == std::map<std::string, std::string>{{"dim", "3"},
                                                   {"rate", "0.30000000000000004"},
                                                   {"now", "1500000000"},
                                                   {"seed", "18446744073709551615"},
                                                   {"untied", "1"},
                                                   {"kind", "log"}});
  Options back;
  read_options(meta, back);
  CHECK(back.dim == 3);
  CHECK(back.rate == options.rate);
  CHECK(back.now == 1.5e9);
  CHECK(back.seed == options.seed);
  CHECK_FALSE(back.tied);
  CHECK(back.kind == Kind::kLog);
  CHECK(back.half_life == 0.0);
}

TEST_CASE("options: keys of earlier versions, missing keys, wrong values") {
  Options options;
  read_options({{"step", "0.25"}}, options);
  CHECK(options.rate == 0.25);
  CHECK(options.dim == 8);
  for (const auto& [key, text] : std::map<std::string, std::string>{{"dim", "17"},
                                                                    {"rate", "1"},
                                                                    {"rate ", "0.5"},
                                                                    {"seed", "18446744073709551616"},
                                                                    {"kind", "loud"},
                                                                    {"half-life", "-1"}}) {
    CAPTURE(key);
    Options read;
    if (key == "rate ") {
      CHECK_NOTHROW(read_options({{key, text}}, read));  // not a key of ours
    } else {
      CHECK_THROWS_AS(read_options({{key, text}}, read), Error);
    }
  }
}

TEST_CASE("options: ranges hold for values set in code, too; none stands apart") {
  Options options;
  CHECK_NOTHROW(check_ranges(options));
  options.dim = 0;
  CHECK_THROWS_WITH_AS(check_ranges(options), "--dim: expected a whole number from 1 to 16, found 0", UsageError);
  options = {};
  options.half_life = -2;
  CHECK_THROWS_WITH_AS(check_ranges(options), "--half-life: expected a number above 0, found -2", UsageError);
}

}  // namespace rec::option_test
