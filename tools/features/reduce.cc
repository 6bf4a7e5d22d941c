// rec-features reduce.
#include <fmt/format.h>

#include "base/error.h"
#include "base/number.h"
#include "cli/options.h"
#include "cli/run_main.h"
#include "data/features_unindexed.h"
#include "features/commands.h"
#include "features/reduce.h"

namespace rec {
namespace {

struct ReduceCommand {
  CommonOptions common;
  ReduceOptions reduce;
  std::vector<std::string> inputs;
  std::string state, apply;
};

void write_vectors(const Vectors& made, const std::string& path, Output& out, int threads) {
  if (encoding_for(path) == Encoding::kSafetensors) {
    Artefact artefact;
    artefact.meta["model"] = "vectors";
    artefact.items = made.items;
    artefact.add("items.factors", made.vectors);
    write_artefact(artefact, Encoding::kSafetensors, out, threads);
    return;
  }
  std::string row;
  for (uint32_t item = 0; item < made.items.size(); ++item) {
    row.assign(made.items[item]);
    for (size_t d = 0; d < made.vectors.cols(); ++d) {
      row += '\t';
      append_number(row, made.vectors.row(item)[d]);
    }
    row += '\n';
    out.write(row);
  }
}

int run_reduce(const ReduceCommand& options) {
  const int threads = options.common.jobs();
  Progress progress("reading", options.common);
  ReadOptions read = options.common.read_options(&progress);
  const std::string input = first_file(options.inputs, read);
  const Report report("rec-features", options.common);
  report.reading(input);
  const FeatureTable features = read_features_unindexed(input, IdKind::kItem, read, threads);
  progress.clear();
  if (const std::string unused = features.unused_columns(false); !unused.empty()) report.note(unused);
  if (features.ids.size() == 0) fail("{}: no rows", features.name);
  const ReduceState state = options.apply.empty()
                                ? fit_reduction(features, options.reduce, threads)
                                : ReduceState::from_artefact(read_artefact(options.apply, threads), options.apply);
  const Vectors made = reduce_features(features, state, threads);
  Output out(options.common.output, options.common.sync);
  write_vectors(made, options.common.output, out, threads);
  if (options.state.empty()) {
    out.finish();
  } else {
    Output saved(options.state, options.common.sync);
    write_artefact(state.to_artefact(), encoding_for(options.state), saved, threads);
    Output* const both[] = {&out, &saved};
    finish_all(both);
  }
  report.bad_lines(features.bad_lines, features.name);
  report.note(fmt::format("{}: {} items, vectors of {} numbers; {} features unknown, {} items without a known one",
                          features.name, made.items.size(), made.vectors.cols(), made.unknown, made.without));
  report.finish();
  return kExitDone;
}

}  // namespace

void declare_reduce(Command& tool) {
  Command& command = tool.add_command("reduce", "Turn features into short vectors");
  OptionTable& table = command.options();
  auto all = std::make_shared<ReduceCommand>();
  table
      .add("FILE", all->inputs, "",
           "Features: item feature [value], or a column a kind; several are read as one; - (default) is stdin")
      .reads();
  all->reduce.describe(table);
  for (Option& option : table.all()) {
    if (!option.is_positional()) option.excludes("--apply");
  }
  table.add("--state", all->state, "FILE", "Write the map from features to vectors to FILE, for --apply").writes();
  table.add("--apply", all->apply, "FILE", "Take the map from FILE, which --state wrote").reads_model();
  add_common_options(table, all->common);
  add_table_options(table, all->common, {"features", {{"item"}}});
  table.remove("--side-columns");  // there is one table
  table.remove("--header");        // a table of vectors has none
  command.on_run([all] { return run_reduce(*all); });
}

}  // namespace rec
