// rec-embed ease: a linear autoencoder in closed form.
#include <algorithm>

#include "base/error.h"
#include "embed/closed_form.h"
#include "embed/item_gram.h"
#include "models/linear/ease_trainer.h"
#include "privacy/item_statistics.h"

namespace rec {
namespace {

constexpr int kPrivateNeighbours = 4000;

struct EaseCommand {
  ClosedFormOptions closed_form;
  EaseOptions ease;
  PrivacyOptions privacy;
  StatisticsOptions statistics;
  bool reg_given = false;
  bool neighbours_given = false;
};

void add_options(OptionTable& table, EaseCommand& options) {
  options.ease.has_features = [&options] { return options.closed_form.features.given(IdKind::kItem); };
  options.ease.describe(table);
  options.closed_form.features.weight = 14.0;  // its square stands beside --reg
  options.closed_form.features.takes_weight = true;
  options.closed_form.embed.takes_weights = true;
  options.closed_form.features.describe(table);
  options.privacy.max_per_user = 1000;
  options.privacy.describe(table,
                           {"--user-exponent", "--item-exponent", "--history-exponent", "--candidate-exponent",
                            "--item-features", "--confidence", "--weights", "--valid"},
                           &options.statistics.only);
  add_closed_form_options(table, options.closed_form);
  options.statistics.describe_of_items(table, {"--user-exponent"});
}

void check_options(const OptionTable& table, EaseCommand& options) {
  options.ease.check();
  if (options.privacy.items == "-" && options.closed_form.embed.reads_stdin())
    fail_usage("stdin (-) is used for more than one input");
  check_closed_form_options(options.closed_form);
  options.privacy.check();
  check_statistics_options(options.statistics, options.privacy, options.ease.user_exponent);
  options.reg_given = table.given("--reg");
  options.neighbours_given = table.given("--neighbours");
}

// The options of a training out of sums. The largest weights have the largest noise: to keep few is to keep that.
EaseOptions ease_of_sums(const EaseCommand& options, bool is_noisy) {
  EaseOptions ease = options.ease;
  if (is_noisy && !options.neighbours_given) ease.neighbours = kPrivateNeighbours;
  return ease;
}

int run_ease_of_gram(EaseCommand& options) {
  const GramTraining step{
      "ease", GramTraining::Form::kTiles,
      [&](size_t items, uint64_t, bool is_noisy, int threads) {
        return ease_memory(0, items, 0, ease_of_sums(options, is_noisy), threads);
      },
      [&](Artefact artefact, ItemGram& gram, int threads, const Report& report) {
        EaseOptions ease = ease_of_sums(options, gram.is_noisy);
        if (gram.is_noisy && (ease.item_exponent != 0.0 || ease.history_exponent || ease.candidate_exponent))
          fail_usage("--item-exponent, --history-exponent and --candidate-exponent need sums without noise");
        ease.user_exponent = gram.user_exponent;
        // A third of it makes G positive definite; the rest leaves less of the noise in the weights.
        if (gram.is_noisy && !options.reg_given) ease.regularization = 3.0 * gram.noise_norm;
        Neighbours neighbours = fit_ease_of_gram(*gram.tiles, gram.counts, ease, threads);
        if (!gram.is_noisy) say_left_out(neighbours, ease.neighbours, report);
        return ease_artefact(std::move(artefact), std::move(neighbours), ease);
      }};
  return run_gram_training(step, options.closed_form.embed, options.privacy, options.statistics);
}

int run_ease(EaseCommand& options) {
  if (options.statistics.only)
    return run_statistics_only(options.closed_form.embed, options.privacy, options.statistics,
                               options.privacy.given() ? 0.5 : options.ease.user_exponent);
  if (options.privacy.given() || !options.statistics.file.empty()) return run_ease_of_gram(options);
  const ClosedForm step{
      "ease",
      [&](const TrainingTables& tables, int threads) {
        const size_t items = tables.data.items.size();
        const size_t aligned =
            options.ease.align > 0.0
                ? items_to_align(tables.by_user, tables.by_user.rows(), items, options.ease.align_users).size()
                : 0;
        return ease_memory(tables.rows.rows(), items, tables.rows.entries(), options.ease, threads, aligned);
      },
      [&](const TrainingTables& tables, int threads, const Report& report) {
        std::optional<EaseFeatures> features;
        if (tables.features != nullptr)
          features.emplace(tables.features->rows, options.closed_form.features.weight, tables.by_user.rows());
        Neighbours neighbours =
            fit_ease(tables.rows, tables.data.items.size(), options.ease, threads, features ? &*features : nullptr);
        say_left_out(neighbours, options.ease.neighbours, report);
        return ease_artefact(tables.data, tables.by_user, std::move(neighbours), options.ease,
                             options.closed_form.weight);
      }};
  return run_closed_form(step, options.closed_form);
}

}  // namespace

void declare_ease(const EmbedTool& tool) {
  embed_command<EaseCommand>(tool, "ease", "Linear autoencoder in closed form (EASE)", add_options, check_options,
                             run_ease);
}

}  // namespace rec
