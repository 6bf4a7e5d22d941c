// rec-embed svd: linear models from a truncated singular value decomposition.
#include "embed/closed_form.h"
#include "embed/item_gram.h"
#include "models/linear/svd_trainer.h"

namespace rec {
namespace {

struct SvdCommand {
  ClosedFormOptions closed_form;
  SvdModelOptions svd;
  PrivacyOptions privacy;
  StatisticsOptions statistics;
  bool item_exponent_given = false;
};

void add_options(OptionTable& table, SvdCommand& options) {
  options.svd.describe(table);
  options.closed_form.features.weight = 2.0;
  options.closed_form.features.takes_weight = true;
  options.closed_form.embed.takes_weights = true;
  options.closed_form.features.describe(table);
  options.privacy.max_per_user = 1000;
  options.privacy.describe(table,
                           {"--user-exponent", "--item-exponent", "--history-exponent", "--candidate-exponent",
                            "--item-features", "--confidence", "--weights", "--valid"},
                           &options.statistics.only);
  add_closed_form_options(table, options.closed_form);
  options.statistics.describe_of_items(table, {"--user-exponent", "--pure"});
}

void check_options(const OptionTable& table, SvdCommand& options) {
  SvdModelOptions& svd = options.svd;
  if (!svd.pure && !svd.ridge && !svd.graph_filter) svd.graph_filter = 0.3;
  if (svd.has_neighbours()) {
    if (!table.given("--user-exponent")) svd.user_exponent = 0.5;
    if (!table.given("--item-exponent") && !options.privacy.given()) svd.item_exponent = 0.5;
  }
  svd.check();
  check_closed_form_options(options.closed_form);
  if (options.privacy.items == "-" && options.closed_form.embed.reads_stdin())
    fail_usage("stdin (-) is used for more than one input");
  options.privacy.check();
  check_statistics_options(options.statistics, options.privacy, svd.user_exponent);
  options.item_exponent_given = table.given("--item-exponent");
}

void say_rank(const LinearModel& fitted, const SvdModelOptions& options, bool is_noisy, const Report& report) {
  if (fitted.values.size() >= static_cast<size_t>(options.dim)) return;
  report.note(fmt::format("{} factors: {}", fitted.values.size(),
                          is_noisy ? "the noise hides the others" : "the matrix has no more"));
}

int run_svd_of_gram(SvdCommand& options) {
  const GramTraining step{
      "svd", GramTraining::Form::kRows,
      [&](size_t items, uint64_t entries, bool, int threads) {
        return svd_of_gram_memory(items, entries, options.svd, threads);
      },
      [&](Artefact artefact, ItemGram& gram, int threads, const Report& report) {
        SvdModelOptions svd = options.svd;
        svd.user_exponent = gram.user_exponent;
        if (gram.is_noisy) {
          if (!options.item_exponent_given) svd.item_exponent = 0.0;
          if (svd.item_exponent != 0.0 || svd.history_exponent || svd.candidate_exponent)
            fail_usage("--item-exponent, --history-exponent and --candidate-exponent need sums without noise");
        }
        LinearModel fitted = fit_svd_of_gram(std::move(gram.rows), gram.counts, gram.noise_norm, svd, threads);
        say_rank(fitted, svd, gram.is_noisy, report);
        if (fitted.neighbours && !gram.is_noisy) say_left_out(*fitted.neighbours, svd.neighbours, report);
        return svd_artefact(std::move(artefact), std::move(fitted), svd);
      }};
  return run_gram_training(step, options.closed_form.embed, options.privacy, options.statistics);
}

int run_svd(SvdCommand& options) {
  if (options.statistics.only)
    return run_statistics_only(options.closed_form.embed, options.privacy, options.statistics,
                               options.privacy.given() ? 0.5 : options.svd.user_exponent);
  if (options.privacy.given() || !options.statistics.file.empty()) return run_svd_of_gram(options);
  const ClosedForm step{"svd",
                        [&](const TrainingTables& tables, int threads) {
                          return svd_memory(tables.rows, tables.data.items.size(), options.svd, threads);
                        },
                        [&](const TrainingTables& tables, int threads, const Report& report) {
                          LinearModel fitted = fit_svd(tables.rows, tables.data.items.size(), options.svd, threads);
                          say_rank(fitted, options.svd, false, report);
                          if (fitted.neighbours) say_left_out(*fitted.neighbours, options.svd.neighbours, report);
                          return svd_artefact(tables.data, tables.by_user, std::move(fitted), options.svd,
                                              options.closed_form.weight);
                        }};
  return run_closed_form(step, options.closed_form);
}

}  // namespace

void declare_svd(const EmbedTool& tool) {
  embed_command<SvdCommand>(tool, "svd", "Truncated singular value decomposition (PureSVD, GF-CF)", add_options,
                            check_options, run_svd);
}

}  // namespace rec
