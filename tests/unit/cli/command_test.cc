#include "cli/command.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace rec::command_test {

namespace {

struct Values {
  int dim = 4;
  double reg = 0.5;
  bool grouped = false;
  std::vector<std::string> files;
  std::vector<std::string> exclude;
  std::string metric = "ndcg@10";
};

// A tool with one command, read from `arguments`; what went wrong, or "".
std::string error_of(const std::vector<std::string>& arguments, Values& values) {
  Command tool("rec-x", "Tests");
  Command& command = tool.add_command("train", "Trains");
  OptionTable& table = command.options();
  table.add("FILE", values.files, "", "Files");
  table.add("-d,--dim", values.dim, "N", "Factors").range(1, 64);
  table.add("--reg", values.reg, "L", "Regularisation").at_least(0).needs("--dim", [&] {
    return table.given("--dim");
  });
  table.add("--exclude", values.exclude, "FILE", "Repeatable");
  table.add("--metric", values.metric, "NAME", "A metric");
  table.flag("--grouped", values.grouped, "Grouped").excludes("--metric");
  command.on_run([] { return 7; });
  std::function<int()> run;
  try {
    run = tool.parse(arguments, "rec-x 1");
  } catch (const UsageError& error) {
    return error.what();
  }
  CHECK(run() == 7);
  CHECK(tool.command_read() == "rec-x train");
  return "";
}

std::string error_of(const std::vector<std::string>& arguments) {
  Values values;
  return error_of(arguments, values);
}

}  // namespace

TEST_CASE("Command: values, repeated options, files in any place") {
  Values values;
  CHECK(error_of({"train", "a.tsv", "-d", "8", "--reg=0.25", "--exclude", "x", "--exclude", "y", "b.tsv"}, values) ==
        "");
  CHECK(values.dim == 8);
  CHECK(values.reg == 0.25);
  CHECK(values.files == std::vector<std::string>{"a.tsv", "b.tsv"});
  CHECK(values.exclude == std::vector<std::string>{"x", "y"});
  Values joined;
  CHECK(error_of({"train", "-d8", "--", "-odd"}, joined) == "");
  CHECK(joined.dim == 8);
  CHECK(joined.files == std::vector<std::string>{"-odd"});
}

TEST_CASE("Command: one spelling of numbers, and the range in the message") {
  for (const char* text : {"0", "65", "-1", "+1", " 1", "0x10", "1.5", "", "1e1", "99999999999"}) {
    CAPTURE(text);
    CHECK(error_of({"train", "-d", text}) ==
          std::string("--dim: expected a whole number from 1 to 64, found \"") + text + "\"");
  }
  CHECK(error_of({"train", "-d", "4", "--reg", "nan"}) == "--reg: expected a number, at least 0, found \"nan\"");
  CHECK(error_of({"train", "-d", "4", "--reg", "-1"}) == "--reg: expected a number, at least 0, found \"-1\"");
}

TEST_CASE("Command: a flag takes no value, and an empty value is one") {
  CHECK(error_of({"train", "--grouped=false"}) == "--grouped: takes no value, found \"false\"");
  CHECK(error_of({"train", "--grouped="}) == "--grouped: takes no value, found \"\"");
  Values values;
  CHECK(error_of({"train", "--metric=", "a.tsv"}, values) == "");
  CHECK(values.metric == "");
  CHECK(values.files == std::vector<std::string>{"a.tsv"});
  CHECK(error_of({"train", "--dim=", "8"}) == "--dim: expected a whole number from 1 to 64, found \"\"");
}

TEST_CASE("Command: an unknown option names its neighbour, not the file behind it") {
  CHECK(error_of({"train", "--dimm", "8", "a.tsv"}) == "unknown option --dimm (did you mean --dim?)");
  CHECK(error_of({"train", "--metrc=x", "a.tsv"}) == "unknown option --metrc (did you mean --metric?)");
  CHECK(error_of({"train", "--zebra", "a.tsv"}) == "unknown option --zebra");
  CHECK(error_of({"train", "--file", "a.tsv"}) == "unknown option --file; FILE stands without an option before it");
  CHECK(error_of({"train", "--input", "a.tsv"}) == "unknown option --input; FILE stands without an option before it");
  CHECK(error_of({"--dim", "8", "train"}) ==
        "--dim is an option of a subcommand, as of rec-x train, and stands behind its name");
}

TEST_CASE("Command: what is missing, given twice, or does not go together") {
  CHECK(error_of({"train", "--dim"}) == "--dim: expected a whole number from 1 to 64, found nothing");
  CHECK(error_of({"train", "--dim", "3", "--dim", "4"}) == "--dim: given more than once");
  CHECK(error_of({"train", "--reg", "1"}) == "--reg needs --dim");
  CHECK(error_of({"train", "--grouped", "--metric", "x"}) == "--grouped excludes --metric");
  CHECK(error_of({}) == "expected a subcommand: train");
  CHECK(error_of({"trian"}) == "expected a subcommand (train), found \"trian\"; did you mean train?");
  CHECK(error_of({"TRAIN"}) == "expected a subcommand (train), found \"TRAIN\"; did you mean train?");
  CHECK(error_of({"tra"}) == "expected a subcommand (train), found \"tra\"; did you mean train?");
  CHECK(error_of({"training"}) == "expected a subcommand (train), found \"training\"; did you mean train?");
  CHECK(error_of({"tr"}) == "expected a subcommand (train), found \"tr\"");
  CHECK(error_of({"terrain.tsv"}) == "expected a subcommand (train), found \"terrain.tsv\"");
}

TEST_CASE("Command: --help lists options, defaults and arguments; --version") {
  Command tool("rec-x", "Tests");
  int dim = 4;
  std::string file;
  tool.options().add("FILE", file, "", "A table");
  tool.options().add("-d,--dim", dim, "N", "Factors");
  const auto printed = [&](const char* flag) -> std::string {
    try {
      tool.parse({flag}, "rec-x 1");
    } catch (const Command::Printed& text) {
      return text.text;
    }
    return "";
  };
  CHECK(printed("--version") == "rec-x 1\n");
  const std::string help = printed("--help");
  CHECK(help.starts_with("Tests.\nUsage: rec-x [OPTION...] [FILE]\n"));
  CHECK(help.find("  -d, --dim N             Factors (default 4)\n") != std::string::npos);
}

}  // namespace rec::command_test
