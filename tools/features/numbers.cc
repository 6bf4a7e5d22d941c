// rec-features numbers.
#include <fmt/format.h>

#include "base/error.h"
#include "base/number.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "features/commands.h"
#include "features/number_features.h"
#include "features/run_of.h"

namespace rec {
namespace {

void say(const Report& report, const NumberReport& done, bool learnt, bool bins) {
  report.bad_lines(done.bad_lines, done.input);
  for (const NumberReport::Column& column : done.columns) {
    std::string text =
        fmt::format("{}: {}, {} missing", printable(column.name), counted(column.numbers, "number"), column.missing);
    if (!learnt) {
      text += fmt::format(", {} outside of the range that was learnt{}", column.outside,
                          bins && column.outside > 0 ? ", in the first and the last bin" : "");
    }
    report.note(text);
  }
  report.note(fmt::format("{}: {}, {} without a number; {} written", done.input, counted(done.items, "row"),
                          done.without, counted(done.rows, "row")));
}

}  // namespace

void declare_numbers(Command& tool) {
  Command& command = tool.add_command("numbers", "Scale the numbers of a table, or turn them into features by bins");
  OptionTable& table = command.options();
  struct All {
    CommonOptions common;
    NumberOptions numbers;
    FeatureRun run;
    std::vector<std::string> inputs;
  };
  auto all = std::make_shared<All>();
  table
      .add("FILE", all->inputs, "",
           "Numbers: item and the columns of --column; several are read as one; - (default) is stdin")
      .reads();
  all->numbers.describe(table);
  for (Option& option : table.all()) {
    if (!option.is_positional()) option.excludes("--apply");
  }
  table.word("--id", all->run.id, {"item", "user"}, "What the rows describe: the name of the first column");
  table.add("--state", all->run.state, "FILE", "Write the scales or the bins to FILE, for --apply").writes();
  table
      .add("--apply", all->run.apply, "FILE",
           "Take the scales or the bins, and the options, from FILE, which --state wrote")
      .reads_model();
  add_common_options(table, all->common);
  add_table_options(table, all->common, number_spec("item", {"price"}), true);
  table.remove("--side-columns");  // there is one table
  command.on_run([all] {
    Progress progress("reading", all->common);
    FeatureRun run = run_of(all->run, all->common, progress);
    run.input = first_file(all->inputs, run.read);
    for (size_t at = 0; at < all->numbers.columns.size(); ++at) {
      for (size_t other = 0; other < at; ++other) {
        if (all->numbers.columns[at] == all->numbers.columns[other])
          fail_usage("--column {} is given twice", printable(all->numbers.columns[at]));
      }
    }
    const Report report("rec-features", all->common);
    report.reading(run.input);
    const NumberReport done = make_number_features(all->numbers, run);
    progress.clear();
    say(report, done, run.apply.empty(), done.bins);
    report.finish();
    return kExitDone;
  });
}

}  // namespace rec
