#include "cli/run_files.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "base/error.h"
#include "temp_folder.h"

namespace rec::run_files_test {

namespace {

struct Files {
  std::vector<std::string> inputs;
  std::string by;
  std::string output = "-";
  std::string report = "/dev/stderr";
  bool force = false;
};

std::string error_of(const std::vector<std::pair<std::string, std::string>>& given) {
  Files files;
  OptionTable table;
  table.add("FILE", files.inputs, "", "Files").reads();
  table.add("--by", files.by, "FILE:COLUMN", "A column").reads(':');
  table.add("--output", files.output, "FILE", "Output").writes();
  table.add("--report", files.report, "FILE", "Report").writes();
  table.flag("--force", files.force, "Replace inputs");
  for (Option& option : table.all()) {
    for (const auto& [name, text] : given) {
      if (option.matches(name)) option.parse(text);
    }
  }
  try {
    check_run_files(table);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("run files: an output over an input, whatever the spelling") {
  const TempFolder folder;
  const std::string in = folder.file("in", "a\tb\n");
  const std::string hard = folder.path("hard");
  const std::string soft = folder.path("soft");
  REQUIRE(::link(in.c_str(), hard.c_str()) == 0);
  REQUIRE(::symlink(in.c_str(), soft.c_str()) == 0);
  CHECK(error_of({{"FILE", in}, {"--output", folder.path("out")}}) == "");
  for (const std::string& out : {in, hard, soft, folder.path("./in")}) {
    CAPTURE(out);
    CHECK(error_of({{"FILE", in}, {"--output", out}}).find("--output would replace FILE, which is the same file: ") ==
          0);
    CHECK(error_of({{"FILE", in}, {"--output", out}, {"--force", "1"}}) == "");
    CHECK(error_of({{"FILE", "other"}, {"FILE", in}, {"--output", out}}) != "");
    CHECK(error_of({{"--by", in + ":genre"}, {"--output", out}}).find("--output would replace --by") == 0);
  }
  CHECK(error_of({{"FILE", "/dev/null"}, {"--output", "/dev/null"}}) == "");
}

TEST_CASE("run files: two outputs in one place, with --force or without") {
  const TempFolder folder;
  const std::string out = folder.path("out");
  const std::string text = "--output and --report are the same file: " + out;
  CHECK(error_of({{"--output", out}, {"--report", out}}) == text);
  CHECK(error_of({{"--output", out}, {"--report", folder.path("./out")}, {"--force", "1"}}) == text);
  CHECK(error_of({{"--output", "-"}, {"--report", "-"}}) == "--output and --report are the same file: stdout");
  CHECK(error_of({{"--output", "/dev/null"}, {"--report", "/dev/null"}}) == "");
  CHECK(error_of({{"--report", "/dev/stderr"}}) == "");
}

}  // namespace rec::run_files_test
