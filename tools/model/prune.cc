#include "model/prune.h"

#include "base/error.h"
#include "models/common/prune.h"

namespace rec {
namespace {

int run_prune(const PruneOptions& options) {
  if (options.min_count <= 0.0 && options.neighbours == 0 && options.loss < 0.0)
    fail_usage("prune needs --min-count, --neighbours or --loss");
  const Report report("rec-model", options.common);
  report.reading(options.model);
  Artefact model = read_artefact(options.model, options.common.jobs());
  const auto take = [&](Pruned pruned, const char* what, const char* of) {
    report.note(
        fmt::format("{}: {} of {} stay; lost: {:.6g} of {}", what, pruned.after, pruned.before, pruned.lost, of));
    model = std::move(pruned.model);
  };
  try {
    if (options.min_count > 0.0) take(prune_items(model, options.min_count), "items", "the users' pairs");
    if (options.neighbours > 0)
      take(prune_neighbours(model, options.neighbours), "neighbours", "the squares of the weights");
    if (options.loss >= 0.0)
      take(prune_factors(model, options.loss), "factors", "the squares of the products of users and items");
  } catch (const Error& error) {
    fail("{}: {}", input_name(options.model), error.what());
  }
  Output out(options.common.output, options.common.sync);
  write_artefact(model, encoding_for(options.common.output), out, options.common.jobs());
  out.finish();
  report.finish();
  return kExitDone;
}

}  // namespace

void declare_prune(Command& tool, PruneOptions& options) {
  Command& command = tool.add_command("prune", "Write the model with fewer items, neighbours or factors");
  OptionTable& table = command.options();
  table.add("--min-count", options.min_count, "N", "Leave out items that fewer than N users have in training")
      .above(0)
      .none(0);
  table.add("--neighbours", options.neighbours, "N", "Keep the N greatest weights of each row of neighbours")
      .at_least(1)
      .none(0);
  table
      .add("--loss", options.loss, "SHARE",
           "als, svd: keep the fewest factors that lose at most this share of the squares of all products")
      .range(0, 0.999)
      .none(-1);
  table.add("-m,--model,FILE", options.model, "FILE", "Model file; - (default) is stdin").reads_model();
  add_common_options(table, options.common);
  command.on_run([&options] { return run_prune(options); });
}

}  // namespace rec
