// rec-features join.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/number.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "features/commands.h"
#include "features/join_features.h"
#include "features/run_of.h"

namespace rec {
namespace {

void check(const JoinOptions& options, const std::vector<std::string>& inputs) {
  if (std::count(inputs.begin(), inputs.end(), "-") > 1) fail_usage("stdin (-) is used for more than one FILE");
  if (options.prefixes.size() > 1 && options.prefixes.size() != inputs.size())
    fail_usage("--prefix: expected one for all tables or one for each of {}, found {}", inputs.size(),
               options.prefixes.size());
  for (const std::string& prefix : options.prefixes) {
    if (prefix.find_first_of("=\t\n\r") != std::string::npos)
      fail_usage("--prefix: expected a text without \"=\", TAB and line feed, found \"{}\"", printable(prefix));
  }
}

void say(const Report& report, const JoinReport& done) {
  report.bad_lines(done.allow_bad_lines, done.allow);
  for (const JoinReport::Table& table : done.tables) {
    report.bad_lines(table.bad_lines, table.name);
    if (!table.unused.empty()) report.note(fmt::format("{}: {}", table.name, table.unused));
    std::string text = fmt::format("{}: {} written", table.name, counted(table.rows, "row"));
    if (!done.allow.empty()) text += fmt::format(", {} of other ids", counted(table.not_allowed, "row"));
    report.note(text);
  }
  if (!done.allow.empty())
    report.note(fmt::format("{}: {} of {} in no table", done.allow, done.without, counted(done.listed, "id")));
  if (done.duplicates > 0)
    report.note(fmt::format("{} repeat{} one that the id has already", counted(done.duplicates, "feature"),
                            done.duplicates == 1 ? "s" : ""));
  for (const std::string& kind : done.unknown_kinds)
    report.warning(fmt::format("--weight: no feature of the kind \"{}\"", printable(kind)));
}

}  // namespace

void declare_join(Command& tool) {
  Command& command = tool.add_command("join", "Join several tables of features into one long table");
  OptionTable& table = command.options();
  struct All {
    CommonOptions common;
    JoinOptions join;
    FeatureRun run;
    std::vector<std::string> inputs;
  };
  auto all = std::make_shared<All>();
  table
      .add("FILE", all->inputs, "",
           "Features: item feature [value], or a column a kind; each of its own form; - (default) is stdin")
      .reads();
  all->join.describe(table);
  table.word("--id", all->run.id, {"item", "user"}, "What the rows describe: the name of the first column");
  add_common_options(table, all->common);
  add_table_options(table, all->common, {"features", {{"item"}}});
  command.on_run([all] {
    Progress progress("reading", all->common);
    FeatureRun run = run_of(all->run, all->common, progress);
    if (all->inputs.empty()) all->inputs = {"-"};
    check(all->join, all->inputs);
    const Report report("rec-features", all->common);
    for (const std::string& input : all->inputs) report.reading(input);
    const JoinReport done = join_features(all->inputs, all->join, run, all->common.side_options());
    progress.clear();
    say(report, done);
    report.finish();
    return kExitDone;
  });
}

}  // namespace rec
