// rec-embed ease: a linear autoencoder in closed form.
#include <algorithm>

#include "base/error.h"
#include "base/memory.h"
#include "cli/run_main.h"
#include "embed/closed_form.h"
#include "embed/private_data.h"
#include "io/output.h"
#include "models/common/popularity.h"
#include "models/linear/ease_trainer.h"
#include "privacy/private_sums.h"

namespace rec {
namespace {

constexpr int kPrivateNeighbours = 4000;

struct Options {
  ClosedFormOptions closed_form;
  EaseOptions ease;
  PrivacyOptions privacy;
  bool reg_given = false;
  bool neighbours_given = false;
};

void add_options(OptionTable& table, Options& options) {
  options.ease.describe(table);
  options.closed_form.features.weight = 14.0;  // its square stands beside --reg
  options.closed_form.features.takes_weight = true;
  options.closed_form.features.describe(table);
  options.privacy.max_per_user = 1000;
  options.privacy.describe(table, {"--user-exponent", "--item-exponent", "--history-exponent", "--candidate-exponent",
                                   "--item-features", "--confidence", "--valid"});
  add_closed_form_options(table, options.closed_form);
}

void check_options(const OptionTable& table, Options& options) {
  options.ease.check();
  if (options.privacy.items == "-" && options.closed_form.embed.reads_stdin())
    fail_usage("stdin (-) is used for more than one input");
  check_closed_form_options(options.closed_form);
  options.privacy.check();
  options.reg_given = table.given("--reg");
  options.neighbours_given = table.given("--neighbours");
}

// Out of a Gramian that nobody's rows can be read from; what comes after the noise
// needs no more of it.
int run_private_ease(Options& options) {
  PrivacyOptions& privacy = options.privacy;
  EaseOptions ease = options.ease;
  const EmbedOptions& embed = options.closed_form.embed;
  const Report report("rec-embed", embed.common);
  Output out(embed.common.output, embed.common.sync);
  const PrivateData data = load_private(embed, privacy, report);
  const size_t items = data.public_part.items.size();
  const int threads = embed.common.jobs();
  // The largest weights have the largest noise: to keep few is to keep that.
  if (!options.neighbours_given) ease.neighbours = kPrivateNeighbours;
  require_memory(ease_memory(0, items, 0, ease, threads), fmt::format("ease: a model of {} items", items).c_str());
  const GramNoise noise(privacy.multiplier());
  SymmetricTiles G(items);
  private_gram(data.contributions, noise, privacy.seed, threads, G);
  std::vector<float> popularity(items);  // for users without a history
  for (size_t item = 0; item < items; ++item) popularity[item] = std::max(G(item, item), 0.0f);
  ease.user_exponent = 0.5;  // rows of unit norm
  // A third of it makes G positive definite; the rest leaves less of the noise in the weights.
  if (!options.reg_given) ease.regularization = 3.0 * noise.spectral_norm(items);
  Neighbours neighbours = fit_ease_of_gram(G, ease, threads);
  Artefact artefact;
  artefact.items = data.public_part.items;
  artefact.meta["model"] = "ease";
  artefact.meta["encoder"] = "history";
  artefact.meta[kHistoryWeight] = "one";
  artefact.add(kItemCounts, popularity);
  add_neighbours(artefact, std::move(neighbours), ease.neighbours);
  write_options(ease, artefact.meta);
  tell_privacy(privacy, "the Gramian of rows of unit norm, sensitivity 1", artefact, report);
  write_model(artefact, embed, out);
  report.finish();
  return kExitDone;
}

int run_ease(Options& options) {
  if (options.privacy.given()) return run_private_ease(options);
  const ClosedForm step{
      "ease",
      [&](const TrainingTables& tables, int threads) {
        return ease_memory(tables.rows.rows(), tables.data.items.size(), tables.rows.entries(), options.ease, threads);
      },
      [&](const TrainingTables& tables, int threads, const Report& report) {
        Neighbours neighbours = fit_ease(tables.rows, tables.data.items.size(), options.ease, threads);
        say_left_out(neighbours, options.ease.neighbours, report);
        return ease_artefact(tables.data, tables.by_user, std::move(neighbours), options.ease,
                             options.closed_form.weight);
      }};
  return run_closed_form(step, options.closed_form);
}

}  // namespace

void declare_ease(const EmbedTool& tool) {
  embed_command<Options>(tool, "ease", "Linear autoencoder in closed form (EASE)", add_options, check_options,
                         run_ease);
}

}  // namespace rec
