// rec-embed knn: neighbourhood models, by item or by user.
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

void add_options(CLI::App& command, Options& options) {
  KnnOptions& knn = options.knn;
  add_choice<By, By>(command, "--by", options.by, {{"item", By::kItem}, {"user", By::kUser}},
                     "Whose neighbours (default item)");
  add_choice<Similarity, Similarity>(command, "--similarity", knn.similarity.kind,
                                     {{"cosine", Similarity::kCosine},
                                      {"tfidf", Similarity::kTfidf},
                                      {"bm25", Similarity::kBm25},
                                      {"jaccard", Similarity::kJaccard},
                                      {"rp3beta", Similarity::kRp3beta}},
                                     "What makes neighbours (default cosine)");
  command.add_option("--neighbours", knn.neighbours, "Neighbours kept of each item, or asked for each user")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--shrink", knn.similarity.shrink, "Added to the denominator: doubts similarities of few users")
      ->type_name("L")
      ->capture_default_str();
  command
      .add_option("--asymmetry", knn.similarity.asymmetry,
                  "Share of the norm that the one who speaks has, cosine and tfidf")
      ->type_name("A")
      ->capture_default_str();
  command.add_option("--alpha", knn.similarity.alpha, "Exponent of a step of rp3beta")
      ->type_name("A")
      ->capture_default_str();
  command.add_option("--beta", knn.similarity.beta, "How rp3beta punishes popularity")
      ->type_name("B")
      ->capture_default_str();
  command.add_option("--k1", knn.similarity.k1, "Saturation of bm25")->type_name("K")->capture_default_str();
  command.add_option("-b", knn.similarity.b, "Length normalisation of bm25")->type_name("B")->capture_default_str();
  add_closed_form_options(command, options.closed_form);
}

void check_options(const CLI::App& command, Options& options) {
  const Similarity kind = options.knn.similarity.kind;
  const bool ratio = kind == Similarity::kCosine || kind == Similarity::kTfidf;
  options.knn.check();
  option_needs(command, "--shrink", "--similarity cosine, tfidf or jaccard", ratio || kind == Similarity::kJaccard);
  option_needs(command, "--asymmetry", "--similarity cosine or tfidf", ratio);
  option_needs(command, "--alpha", "--similarity rp3beta", kind == Similarity::kRp3beta);
  option_needs(command, "--beta", "--similarity rp3beta", kind == Similarity::kRp3beta);
  option_needs(command, "--k1", "--similarity bm25", kind == Similarity::kBm25);
  option_needs(command, "-b", "--similarity bm25", kind == Similarity::kBm25);
  check_closed_form_options(command, options.closed_form);
  options.knn.weight = options.closed_form.weight;
}

int run_knn(const Options& options) {
  ClosedForm step;
  step.name = "knn";
  step.memory = [&](const Csr& by_user, size_t items, int threads) {
    return options.by == By::kUser ? 0 : knn_memory(by_user, items, options.knn, threads);
  };
  step.fit = [&](const Interactions& data, const Csr& by_user, int threads, const Report&) {
    return options.by == By::kUser ? fit_knn_users(data, by_user, options.knn)
                                   : fit_knn_items(data, by_user, options.knn, threads);
  };
  return run_closed_form(step, options.closed_form);
}

}  // namespace

EmbedCommand declare_knn(CLI::App& app) {
  return embed_command<Options>(app, "knn", "Neighbours by item or user: cosine, Jaccard, TF-IDF, BM25, RP3beta",
                                add_options, check_options, run_knn);
}

}  // namespace rec
