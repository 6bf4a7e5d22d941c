// rec-embed mf: matrix factorisation of ratings.
#include "models/mf/mf_trainer.h"

#include <utility>

#include "base/error.h"
#include "data/pair_means.h"
#include "embed/epochs.h"

namespace rec {
namespace {

struct Options {
  EmbedOptions embed;
  FitOptions fit;
  MfOptions mf;
};

void add_options(CLI::App& command, Options& options) {
  MfOptions& mf = options.mf;
  options.fit.values = true;
  options.fit.metric = "rmse";
  command.add_option("-d,--dim", mf.dim, "Factors, 0 to 512; 0: biases alone")->type_name("N")->capture_default_str();
  command.add_option("-e,--epochs", mf.epochs, "Passes over the data; the most, with --valid")
      ->type_name("N")
      ->capture_default_str();
  command.add_flag("--implicit", mf.implicit, "Learn from who rated what, too, whatever the value (SVD++)");
  command.add_option("--implicit-reg", mf.implicit_reg, "Regularisation of what --implicit learns")
      ->type_name("L")
      ->capture_default_str();
  command.add_option("--seed", mf.seed, "Seed of the items' first vectors")->type_name("N")->capture_default_str();
  add_epoch_options(command, options.fit);
  add_embed_options(command, options.embed);
}

void check_options(const CLI::App& command, Options& options) {
  const MfOptions& mf = options.mf;
  mf.check();
  option_needs(command, "--implicit-reg", "--implicit", mf.implicit);
  if (mf.dim == 0 && command.get_option("--seed")->count() > 0) fail_usage("--seed does not apply to --dim 0");
  options.fit.epochs = mf.epochs;
  check_epoch_files(options.fit, options.embed);
  check_epoch_options(command, options.embed, options.fit);
}

TrainingPlan plan(const Options& options, const Interactions& data) {
  TrainingPlan plan;
  plan.by_user = csr_of_means(data);
  plan.what = fmt::format("mf: a model of {} factors, {} users and {} items", options.mf.dim, data.users.size(),
                          data.items.size());
  plan.size = fmt::format("{} distinct pairs", plan.by_user.entries());
  plan.memory = MfTrainer::memory(plan.by_user, data.items.size(), options.mf);
  plan.make = [&data, &options](Csr by_user) {
    return std::make_unique<MfTrainer>(data, std::move(by_user), options.mf, options.fit.threads);
  };
  return plan;
}

int run_mf(const Options& options) {
  WantedColumns wanted;
  wanted.value = true;
  wanted.value_for = "mf";
  return run_epochs("mf", options.embed, options.fit, wanted,
                    [&](const Interactions& data, const FitEvents&) { return plan(options, data); });
}

}  // namespace

EmbedCommand declare_mf(CLI::App& app) {
  return embed_command<Options>(app, "mf", "Matrix factorisation of ratings, with biases (SVD++)", add_options,
                                check_options, run_mf);
}

}  // namespace rec
