// rec-features text.
#include <fmt/format.h>

#include "base/number.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "features/commands.h"
#include "features/run_of.h"
#include "features/text_features.h"

namespace rec {
namespace {

void say(const Report& report, const TextReport& done, bool learnt) {
  report.bad_lines(done.bad_lines, done.input);
  for (const TextReport::Kind& kind : done.kinds) {
    report.note(learnt ? fmt::format("{}: {} of {} terms kept", printable(kind.name), kind.kept, kind.found)
                       : fmt::format("{}: {} terms known", printable(kind.name), kind.kept));
  }
  report.note(fmt::format("{}: {}, {} without a feature; {} written", done.input, counted(done.texts, "text"),
                          done.without, counted(done.rows, "row")));
}

}  // namespace

void declare_text(Command& tool) {
  Command& command = tool.add_command("text", "Turn the words of texts into features, weighted by TF-IDF");
  OptionTable& table = command.options();
  struct All {
    CommonOptions common;
    TextOptions text;
    FeatureRun run;
    std::vector<std::string> inputs;
  };
  auto all = std::make_shared<All>();
  table
      .add("FILE", all->inputs, "",
           "Texts: item and the columns of --column; several are read as one; - (default) is stdin")
      .reads();
  all->text.describe(table);
  for (Option& option : table.all()) {
    if (!option.is_positional()) option.excludes("--apply");
  }
  table.word("--id", all->run.id, {"item", "user"}, "What the rows describe: the name of the first column");
  table.add("--state", all->run.state, "FILE", "Write the terms and their weights to FILE, for --apply").writes();
  table.add("--apply", all->run.apply, "FILE", "Take terms, weights and options from FILE, which --state wrote")
      .reads_model();
  add_common_options(table, all->common);
  add_table_options(table, all->common, text_spec("item", {"text"}));
  table.remove("--side-columns");  // there is one table
  command.on_run([all, &table] {
    Progress progress("reading", all->common);
    FeatureRun run = run_of(all->run, all->common, progress);
    all->text.complete();
    run.input = first_file(all->inputs, run.read);
    const Report report("rec-features", all->common);
    report.reading(run.input);
    const TextReport done = make_text_features(all->text, run);
    progress.clear();
    say(report, done, run.apply.empty());
    report.finish();
    return kExitDone;
  });
}

}  // namespace rec
