// rec-embed knn: neighbourhood models, by item or by user.
#include "base/error.h"
#include "embed/closed_form.h"
#include "models/knn/knn_trainer.h"

namespace rec {
namespace {

enum class By { kItem, kUser };

struct Options {
  ClosedFormOptions closed_form;
  KnnOptions knn;
  By by = By::kItem;
};

void add_options(OptionTable& table, Options& options) {
  table.one_of<By, By>("--by", options.by, {{"item", By::kItem}, {"user", By::kUser}},
                       "Whether neighbours are items or users");
  options.knn.describe(table);
  options.closed_form.features.weight = 2.0;
  options.closed_form.features.takes_weight = true;
  options.closed_form.features.describe(table);
  add_closed_form_options(table, options.closed_form);
}

void check_options(const OptionTable&, Options& options) {
  options.knn.check();
  check_closed_form_options(options.closed_form);
  if (options.closed_form.features.given()) {
    if (options.by == By::kUser) fail_usage("--item-features needs --by item");
    if (options.knn.similarity.kind != Similarity::kCosine) fail_usage("--item-features needs --similarity cosine");
  }
  options.knn.weight = options.closed_form.weight;
}

int run_knn(Options& options) {
  ClosedForm step;
  step.name = "knn";
  step.memory = [&](const TrainingTables& tables, int threads) {
    return options.by == By::kUser ? 0 : knn_memory(tables.rows, tables.data.items.size(), options.knn, threads);
  };
  step.fit = [&](const TrainingTables& tables, int threads, const Report&) {
    return options.by == By::kUser ? fit_knn_users(tables.data, tables.by_user, options.knn)
                                   : fit_knn_items(tables.data, tables.by_user, tables.rows, options.knn, threads);
  };
  return run_closed_form(step, options.closed_form);
}

}  // namespace

void declare_knn(const EmbedTool& tool) {
  embed_command<Options>(tool, "knn", "Neighbours by item or user: cosine, Jaccard, TF-IDF, BM25, RP3beta", add_options,
                         check_options, run_knn);
}

}  // namespace rec
