// rec-embed ease: a linear autoencoder in closed form.
#include "embed/closed_form.h"
#include "models/linear/ease_trainer.h"

namespace rec {
namespace {

struct Options {
  ClosedFormOptions closed_form;
  EaseOptions ease;
};

void add_options(CLI::App& command, Options& options) {
  EaseOptions& ease = options.ease;
  command.add_option("--reg", ease.regularization, "L2 regularisation")->type_name("L")->capture_default_str();
  command
      .add_option("--dropout", ease.dropout,
                  "And that of dropping a share P of the input: P/(1-P) times the item's own weight")
      ->type_name("P")
      ->capture_default_str();
  command.add_option("--user-exponent", ease.user_exponent, "Scale a user's row by its sum to the power of -A")
      ->type_name("A")
      ->capture_default_str();
  command
      .add_option("--item-exponent", ease.item_exponent,
                  "Scale an item's column by its sum to the power of -B; undone in the weights")
      ->type_name("B")
      ->capture_default_str();
  command
      .add_option("--history-exponent", ease.history_exponent,
                  "An item of the history counts by its sum to the power of -P (default: B)")
      ->type_name("P");
  command
      .add_option("--candidate-exponent", ease.candidate_exponent,
                  "A candidate counts by its sum to the power of Q (default: B)")
      ->type_name("Q");
  command.add_option("--neighbours", ease.neighbours, "Weights kept for each item, the largest")
      ->type_name("N")
      ->capture_default_str();
  add_closed_form_options(command, options.closed_form);
}

void check_options(const CLI::App& command, Options& options) {
  options.ease.check();
  check_closed_form_options(command, options.closed_form);
}

int run_ease(const Options& options) {
  const ClosedForm step{"ease",
                        [&](const Csr& by_user, size_t items, int threads) {
                          return ease_memory(by_user.rows(), items, by_user.entries(), options.ease, threads);
                        },
                        [&](const Interactions& data, const Csr& by_user, int threads, const Report& report) {
                          Neighbours neighbours = fit_ease(by_user, data.items.size(), options.ease, threads);
                          say_left_out(neighbours, options.ease.neighbours, report);
                          return ease_artefact(data, by_user, std::move(neighbours), options.ease,
                                               options.closed_form.weight);
                        }};
  return run_closed_form(step, options.closed_form);
}

}  // namespace

EmbedCommand declare_ease(CLI::App& app) {
  return embed_command<Options>(app, "ease", "Linear autoencoder in closed form (EASE)", add_options, check_options,
                                run_ease);
}

}  // namespace rec
