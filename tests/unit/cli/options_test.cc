#include "cli/options.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/parallel_for.h"

namespace rec::options_test {

namespace {

CommonOptions parsed(const std::vector<std::string>& args) {
  CommonOptions options;
  Command command("rec-x", "tests");
  add_common_options(command.options(), options);
  add_table_options(command.options(), options, interactions_spec());
  command.parse(args, "rec-x 1");
  return options;
}

}  // namespace

TEST_CASE("common options: defaults and values") {
  const CommonOptions none = parsed({});
  CHECK(none.output == "-");
  CHECK(none.jobs() == hardware_threads());
  CHECK(none.with_header(true));
  CHECK_FALSE(none.with_header(false));
  CHECK(none.read_options().bad_lines == BadLines::kFail);
  const CommonOptions some =
      parsed({"-o", "x", "-j", "3", "-q", "--header", "always", "--bad-lines", "skip", "--columns", "user=a"});
  CHECK(some.output == "x");
  CHECK(some.jobs() == 3);
  CHECK(some.quiet);
  CHECK(some.with_header(false));
  CHECK(some.read_options().columns == "user=a");
  CHECK(some.read_options().bad_lines == BadLines::kSkip);
  CHECK(some.side_options().columns == "user=a");
  CHECK(some.side_options().side);
  CHECK(parsed({"--columns", "user=1,item=2"}).side_options().columns.empty());
  CHECK(some.side_options().bad_lines == BadLines::kSkip);
  CHECK_FALSE(parsed({"--header", "never"}).with_header(true));
}

TEST_CASE("common options: what is refused") {
  for (const std::vector<std::string>& args : {std::vector<std::string>{"-j", "-1"},
                                               {"-j", "x"},
                                               {"-j", "1.5"},
                                               {"--header", "maybe"},
                                               {"--bad-lines", "keep"},
                                               {"-q", "-v"}}) {
    CHECK_THROWS_AS(parsed(args), UsageError);
  }
}

}  // namespace rec::options_test
