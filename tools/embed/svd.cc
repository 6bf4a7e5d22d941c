// rec-embed svd: linear models from a truncated singular value decomposition.
#include "base/memory.h"
#include "cli/run_main.h"
#include "embed/held_out.h"
#include "io/output.h"
#include "models/svd_trainer.h"

namespace rec {
namespace {

struct Options {
  EmbedOptions embed;
  HeldOutOptions held_out;
  SvdModelOptions svd;
};

void add_options(CLI::App& command, Options& options) {
  SvdModelOptions& svd = options.svd;
  command.add_option("-d,--dim", svd.dim, "Factors, 1 to 4096")->type_name("N")->capture_default_str();
  command.add_option("--user-exponent", svd.user_exponent, "Scale a user's row by its sum to the power of -A; default 0, with --graph-filter 0.5")
      ->type_name("A");
  command.add_option("--item-exponent", svd.item_exponent, "Scale an item's column by its sum to the power of -B; default as A's")->type_name("B");
  command.add_option("--graph-filter", svd.graph_filter, "Item-item weights of the scaled matrix, plus W times the factors (GF-CF)")->type_name("W");
  command.add_option("--sharpen", svd.sharpening, "Less S times the same, filtered once more (BSPM)")->type_name("S")->capture_default_str();
  command.add_option("--neighbours", svd.neighbours, "Item-item weights kept for each item, the largest")->type_name("N")->capture_default_str();
  command.add_option("--oversampling", svd.oversampling, "Factors that are found beyond N and dropped")->type_name("N")->capture_default_str();
  command.add_option("--power-iterations", svd.power_iterations, "Passes that sharpen the subspace")->type_name("N")->capture_default_str();
  command.add_option("--seed", svd.seed, "Seed of the random start")->type_name("N")->capture_default_str();
  add_held_out_options(command, options.held_out);
}

void check_options(const CLI::App& command, Options& options) {
  SvdModelOptions& svd = options.svd;
  option_needs(command, "--sharpen", "--graph-filter", svd.graph_filter.has_value());
  option_needs(command, "--neighbours", "--graph-filter", svd.graph_filter.has_value());
  if (svd.graph_filter) {
    if (command.count("--user-exponent") == 0) svd.user_exponent = 0.5;
    if (command.count("--item-exponent") == 0) svd.item_exponent = 0.5;
  }
  svd.check();
  check_held_out_options(command, options.held_out, options.embed);
}

int run_svd(const Options& options) {
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output);  // opened first: what cannot be written is not trained
  const LoadedInteractions loaded = load_interactions(options.embed, {}, report);
  const size_t items = loaded.data.items.size();
  const int threads = options.embed.common.jobs();
  const Csr by_user = csr_by_user(loaded.data, {});
  const std::unique_ptr<Validation> validation = read_held_out(options.held_out, options.embed, loaded.data, by_user, report);
  const uint64_t bytes = svd_memory(by_user.rows(), items, by_user.entries(), options.svd, threads);
  report.detail(fmt::format("{} distinct pairs; {:.1f} MiB to train in", by_user.entries(), static_cast<double>(bytes) / 1048576.0));
  require_memory(bytes, fmt::format("svd: a model of {} users and {} items", by_user.rows(), items).c_str());
  LinearModel fitted = fit_svd(by_user, items, options.svd, threads);
  if (fitted.values.size() < static_cast<size_t>(options.svd.dim)) {
    report.note(fmt::format("{} factors: the matrix has no more", fitted.values.size()));
  }
  if (fitted.neighbours) say_left_out(*fitted.neighbours, options.svd.neighbours, report);
  validate_and_write(svd_artefact(loaded.data, by_user, std::move(fitted), options.svd), validation.get(), options.embed, out, report);
  report.finish();
  return kExitDone;
}

}  // namespace

EmbedCommand declare_svd(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("svd", "Truncated singular value decomposition (PureSVD, GF-CF)");
  add_options(*command, *options);
  add_embed_options(*command, options->embed);
  return {command, [options, command] {
            check_options(*command, *options);
            return run_svd(*options);
          }};
}

}  // namespace rec
