// rec-embed svd: linear models from a truncated singular value decomposition.
#include "embed/closed_form.h"
#include "models/linear/svd_trainer.h"

namespace rec {
namespace {

struct Options {
  ClosedFormOptions closed_form;
  SvdModelOptions svd;
  bool pure = false;
};

void add_options(CLI::App& command, Options& options) {
  SvdModelOptions& svd = options.svd;
  command.add_option("-d,--dim", svd.dim, "Factors, 1 to 4096")->type_name("N")->capture_default_str();
  command
      .add_option("--user-exponent", svd.user_exponent,
                  "Scale a user's row by its sum to the power of -A; default 0.5, with --pure 0")
      ->type_name("A");
  command
      .add_option("--item-exponent", svd.item_exponent,
                  "Scale an item's column by its sum to the power of -B; default as A's")
      ->type_name("B");
  command
      .add_option("--graph-filter", svd.graph_filter,
                  "Item-item weights of the scaled matrix, plus W times the factors (GF-CF); default 0.3")
      ->type_name("W");
  command
      .add_option("--ridge", svd.ridge,
                  "Or a linear autoencoder with L2 regularisation C, from the factors and the item-item weights")
      ->type_name("C")
      ->excludes("--graph-filter");
  command.add_flag("--pure", options.pure, "Or the factors alone (PureSVD)")
      ->excludes("--graph-filter")
      ->excludes("--ridge");
  command
      .add_option("--history-exponent", svd.history_exponent,
                  "An item of the history counts by its sum to the power of -P (default: B)")
      ->type_name("P");
  command
      .add_option("--candidate-exponent", svd.candidate_exponent,
                  "A candidate counts by its sum to the power of Q (default: B)")
      ->type_name("Q");
  command
      .add_option("--sharpen", svd.sharpening,
                  "Less S times the same, filtered once more: lowers what everyone likes (BSPM)")
      ->type_name("S")
      ->capture_default_str();
  command.add_option("--neighbours", svd.neighbours, "Item-item weights kept for each item, the largest")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--oversampling", svd.oversampling, "Factors that are found beyond N and dropped")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--power-iterations", svd.power_iterations, "Passes that sharpen the subspace")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--seed", svd.seed, "Seed of the random start")->type_name("N")->capture_default_str();
  add_closed_form_options(command, options.closed_form);
}

void check_options(const CLI::App& command, Options& options) {
  SvdModelOptions& svd = options.svd;
  if (!options.pure && !svd.ridge && !svd.graph_filter) svd.graph_filter = 0.3;
  option_needs(command, "--sharpen", "--graph-filter", svd.graph_filter.has_value());
  option_needs(command, "--neighbours", "--graph-filter or --ridge", svd.has_neighbours());
  if (svd.has_neighbours()) {
    if (command.count("--user-exponent") == 0) svd.user_exponent = 0.5;
    if (command.count("--item-exponent") == 0) svd.item_exponent = 0.5;
  }
  svd.check();
  check_closed_form_options(command, options.closed_form);
}

int run_svd(const Options& options) {
  const ClosedForm step{
      "svd",
      [&](const Csr& by_user, size_t items, int threads) { return svd_memory(by_user, items, options.svd, threads); },
      [&](const Interactions& data, const Csr& by_user, int threads, const Report& report) {
        LinearModel fitted = fit_svd(by_user, data.items.size(), options.svd, threads);
        if (fitted.values.size() < static_cast<size_t>(options.svd.dim)) {
          report.note(fmt::format("{} factors: the matrix has no more", fitted.values.size()));
        }
        if (fitted.neighbours) say_left_out(*fitted.neighbours, options.svd.neighbours, report);
        return svd_artefact(data, by_user, std::move(fitted), options.svd, options.closed_form.weight);
      }};
  return run_closed_form(step, options.closed_form);
}

}  // namespace

EmbedCommand declare_svd(CLI::App& app) {
  return embed_command<Options>(app, "svd", "Truncated singular value decomposition (PureSVD, GF-CF)", add_options,
                                check_options, run_svd);
}

}  // namespace rec
