// rec-embed svd: linear models from a truncated singular value decomposition.
#include "embed/closed_form.h"
#include "models/linear/svd_trainer.h"

namespace rec {
namespace {

struct Options {
  ClosedFormOptions closed_form;
  SvdModelOptions svd;
};

void add_options(OptionTable& table, Options& options) {
  options.svd.describe(table);
  options.closed_form.features.weight = 2.0;
  options.closed_form.features.takes_weight = true;
  options.closed_form.features.describe(table);
  add_closed_form_options(table, options.closed_form);
}

void check_options(const OptionTable& table, Options& options) {
  SvdModelOptions& svd = options.svd;
  if (!svd.pure && !svd.ridge && !svd.graph_filter) svd.graph_filter = 0.3;
  if (svd.has_neighbours()) {
    if (!table.given("--user-exponent")) svd.user_exponent = 0.5;
    if (!table.given("--item-exponent")) svd.item_exponent = 0.5;
  }
  svd.check();
  check_closed_form_options(options.closed_form);
}

int run_svd(Options& options) {
  const ClosedForm step{"svd",
                        [&](const TrainingTables& tables, int threads) {
                          return svd_memory(tables.rows, tables.data.items.size(), options.svd, threads);
                        },
                        [&](const TrainingTables& tables, int threads, const Report& report) {
                          LinearModel fitted = fit_svd(tables.rows, tables.data.items.size(), options.svd, threads);
                          if (fitted.values.size() < static_cast<size_t>(options.svd.dim)) {
                            report.note(fmt::format("{} factors: the matrix has no more", fitted.values.size()));
                          }
                          if (fitted.neighbours) say_left_out(*fitted.neighbours, options.svd.neighbours, report);
                          return svd_artefact(tables.data, tables.by_user, std::move(fitted), options.svd,
                                              options.closed_form.weight);
                        }};
  return run_closed_form(step, options.closed_form);
}

}  // namespace

void declare_svd(const EmbedTool& tool) {
  embed_command<Options>(tool, "svd", "Truncated singular value decomposition (PureSVD, GF-CF)", add_options,
                         check_options, run_svd);
}

}  // namespace rec
