// rec-embed mf: matrix factorisation of ratings.
#include "models/mf/mf_trainer.h"

#include "base/error.h"
#include "cli/run_main.h"
#include "embed/embed.h"
#include "io/output.h"

namespace rec {
namespace {

struct Options {
  EmbedOptions embed;
  MfOptions mf;
};

void add_options(CLI::App& command, Options& options) {
  MfOptions& mf = options.mf;
  command.add_option("-d,--dim", mf.dim, "Factors, 0 to 512; 0: biases alone")->type_name("N")->capture_default_str();
  command.add_option("-e,--epochs", mf.epochs, "Passes over the data")->type_name("N")->capture_default_str();
  command.add_flag("--implicit", mf.implicit, "Learn from who rated what, too, whatever the value (SVD++)");
  command.add_option("--implicit-reg", mf.implicit_reg, "Regularisation of what --implicit learns")
      ->type_name("L")
      ->capture_default_str();
  command.add_option("--seed", mf.seed, "Seed of the items' first vectors")->type_name("N")->capture_default_str();
  add_embed_options(command, options.embed);
}

void check_options(const CLI::App& command, Options& options) {
  const MfOptions& mf = options.mf;
  mf.check();
  option_needs(command, "--implicit-reg", "--implicit", mf.implicit);
  if (mf.dim == 0 && command.get_option("--seed")->count() > 0) fail_usage("--seed does not apply to --dim 0");
}

int run_mf(const Options& options) {
  const Report report("rec-embed", options.embed.common);
  Output out(options.embed.common.output);  // opened first: what cannot be written is not trained
  WantedColumns wanted;
  wanted.value = true;
  wanted.value_for = "mf";
  const LoadedInteractions loaded = load_interactions(options.embed, wanted, report);
  report.note("mf predicts values, for rec-score --labels; to rank a catalogue, take another model");
  Progress progress("mf", options.embed.common);
  const auto rows = static_cast<double>(loaded.data.users.size() + loaded.data.items.size());
  const auto values = static_cast<size_t>(options.mf.dim) + 1;
  report.detail(fmt::format("{:.1f} MiB of distributions",
                            rows * 4.0 * static_cast<double>(triangle(values) + 4 * values) / 1048576.0));
  MfTrainer trainer(loaded.data, options.mf, options.embed.common.jobs());
  for (int epoch = 1; epoch <= options.mf.epochs; ++epoch) {
    trainer.epoch();
    progress.update(epoch, options.mf.epochs, "epochs");
    report.detail(fmt::format("epoch {}: objective {:.5f}, noise {:.5f}", epoch, trainer.objective(), trainer.noise()));
  }
  progress.clear();
  write_model(trainer.artefact(loaded.data), options.embed, out);
  report.finish();
  return kExitDone;
}

}  // namespace

EmbedCommand declare_mf(CLI::App& app) {
  return embed_command<Options>(app, "mf", "Matrix factorisation of ratings, with biases (SVD++)", add_options,
                                check_options, run_mf);
}

}  // namespace rec
