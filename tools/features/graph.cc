// rec-features graph.
#include <fmt/format.h>

#include "base/error.h"
#include "base/number.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "features/commands.h"
#include "features/graph_features.h"
#include "features/run_of.h"

namespace rec {
namespace {

void say(const Report& report, const GraphReport& done) {
  report.bad_lines(done.bad_lines, done.input);
  report.bad_lines(done.allow_bad_lines, done.allow);
  report.note(fmt::format("{}: {}, {}, {}", done.input, counted(done.nodes, "node"), counted(done.edges, "edge"),
                          counted(done.relations, "relation")));
  if (!done.columns.empty()) report.note(fmt::format("{}: {}", done.input, done.columns));
  if (done.repeated > 0)
    report.note(fmt::format("{}: {} repeat{} another", done.input, counted(done.repeated, "row"),
                            done.repeated == 1 ? "s" : ""));
  if (done.hubs > 0)
    report.note(fmt::format("{}: {} with more edges than --max-degree: walks end there", done.input,
                            counted(done.hubs, "node")));
  if (done.unknown > 0) report.note(fmt::format("{}: {} not in the graph", done.allow, counted(done.unknown, "id")));
  report.note(fmt::format("{}: {}, {} without a feature; {} written", done.input, counted(done.starts, "id"),
                          done.without, counted(done.rows, "row")));
}

void check_kind(const OptionTable& table, const std::string& kind) {
  if (table.given("--kind") && (kind.empty() || kind.find_first_of("=\t\n\r") != std::string::npos))
    fail_usage("--kind: expected a name without \"=\", TAB and line feed, found \"{}\"", printable(kind));
}

}  // namespace

void declare_graph(Command& tool) {
  Command& command = tool.add_command("graph", "Turn a graph (triples, or friends) into features of its nodes");
  OptionTable& table = command.options();
  struct All {
    CommonOptions common;
    GraphOptions graph;
    FeatureRun run;
    std::vector<std::string> inputs;
  };
  auto all = std::make_shared<All>();
  all->run.id.clear();
  table.add("FILE", all->inputs, "", "Triples: head relation tail; several are read as one; - (default) is stdin")
      .reads();
  all->graph.describe(table);
  table.word("--id", all->run.id, {"item", "user"}, "What the ids of the output are: the name of its first column")
      .default_text("item; user with --friends");
  add_common_options(table, all->common);
  add_table_options(table, all->common, graph_spec(GraphForm::kTriples));
  command.on_run([all, &table] {
    check_kind(table, all->graph.walks.kind);
    Progress progress("reading", all->common);
    FeatureRun run = run_of(all->run, all->common, progress);
    if (run.id.empty()) run.id = all->graph.form == GraphForm::kFriends ? "user" : "item";
    run.input = first_file(all->inputs, run.read);
    const Report report("rec-features", all->common);
    report.reading(run.input);
    const GraphReport done = make_graph_features(all->graph, run, all->common.side_options());
    progress.clear();
    say(report, done);
    report.finish();
    return kExitDone;
  });
}

}  // namespace rec
