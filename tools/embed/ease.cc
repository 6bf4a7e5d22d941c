// rec-embed ease: a linear autoencoder in closed form.
#include "embed/closed_form.h"
#include "models/linear/ease_trainer.h"

namespace rec {
namespace {

struct Options {
  ClosedFormOptions closed_form;
  EaseOptions ease;
};

void add_options(OptionTable& table, Options& options) {
  options.ease.describe(table);
  options.closed_form.features.weight = 14.0;  // its square stands beside --reg
  options.closed_form.features.takes_weight = true;
  options.closed_form.features.describe(table);
  add_closed_form_options(table, options.closed_form);
}

void check_options(const OptionTable&, Options& options) {
  options.ease.check();
  check_closed_form_options(options.closed_form);
}

int run_ease(Options& options) {
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

void declare_ease(Command& tool) {
  embed_command<Options>(tool, "ease", "Linear autoencoder in closed form (EASE)", add_options, check_options,
                         run_ease);
}

}  // namespace rec
