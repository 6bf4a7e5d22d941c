// rec-embed mf: matrix factorisation of ratings.
#include "models/mf/mf_trainer.h"

#include <utility>

#include "base/error.h"
#include "data/pair_means.h"
#include "embed/epochs.h"
#include "embed/feature_tables.h"

namespace rec {
namespace {

struct MfCommand {
  EmbedOptions embed;
  FitOptions fit;
  MfOptions mf;
};

void add_options(OptionTable& table, MfCommand& options) {
  options.embed.takes_weights = true;
  options.fit.values = true;
  options.fit.metric = "rmse";
  options.mf.describe(table);
  add_epoch_options(table, options.fit);
  add_embed_options(table, options.embed);
}

void check_options(const OptionTable& table, MfCommand& options) {
  options.mf.check();
  check_epoch_files(options.fit, options.embed, options.mf.features.stdins());
  check_epoch_options(table, options.embed, options.mf.epochs, options.fit);
}

TrainingPlan plan(const MfCommand& options, Interactions& data, const FitEvents& events) {
  std::vector<SideFeatures> features =
      read_side_features(options.mf.features, options.fit.side, options.fit.threads, data, events);
  TrainingPlan plan;
  plan.by_user = csr_of_means(data);
  plan.what = fmt::format("mf: a model of {} factors, {} users and {} items", options.mf.dim, data.users.size(),
                          data.items.size());
  plan.epochs = options.mf.epochs;
  plan.size = fmt::format("{} distinct pairs", plan.by_user.entries());
  plan.memory = MfTrainer::memory(plan.by_user, data.items.size(), options.mf, features, !data.weight.empty());
  for (const SideFeatures& side : features) plan.run[feature_table_name(side.of)] = digest_of(side);
  plan.note = "mf predicts values, for rec-score --labels; to rank a catalogue, take another model";
  plan.make = [&data, &options, features = std::move(features)](Csr by_user) mutable {
    return std::make_unique<MfTrainer>(data, std::move(by_user), options.mf, options.fit.threads, std::move(features),
                                       pair_weights(data, options.fit.threads));
  };
  return plan;
}

int run_mf(MfCommand& options) {
  WantedColumns wanted;
  wanted.weight = options.embed.weights;
  wanted.value = true;
  wanted.value_for = "mf";
  return run_epochs("mf", options.embed, options.fit, wanted,
                    [&](Interactions& data, const FitEvents& events) { return plan(options, data, events); });
}

}  // namespace

void declare_mf(const EmbedTool& tool) {
  embed_command<MfCommand>(tool, "mf", "Matrix factorisation of ratings, with biases (SVD++)", add_options,
                           check_options, run_mf);
}

}  // namespace rec
