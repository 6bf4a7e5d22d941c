// rec-embed knn: neighbourhood models, by item or by user.
#include "base/error.h"
#include "embed/closed_form.h"
#include "embed/item_gram.h"
#include "models/knn/knn_trainer.h"

namespace rec {
namespace {

enum class By { kItem, kUser };

// What --shrink is where it is not given, in deviations of the noise on the diagonal.
constexpr double kPrivateShrink = 20.0;

struct KnnCommand {
  ClosedFormOptions closed_form;
  KnnOptions knn;
  By by = By::kItem;
  PrivacyOptions privacy;
  StatisticsOptions statistics;
  bool shrink_given = false;
  bool alpha_given = false;
};

void add_options(OptionTable& table, KnnCommand& options) {
  table.one_of<By, By>("--by", options.by, {{"item", By::kItem}, {"user", By::kUser}},
                       "Whether neighbours are items or users");
  options.knn.describe(table);
  options.closed_form.features.weight = 2.0;
  options.closed_form.features.takes_weight = true;
  options.closed_form.embed.takes_weights = true;
  options.closed_form.features.describe(table);
  options.privacy.max_per_user = 1000;
  options.privacy.describe(table, {"--item-features", "--confidence", "--weights", "--valid"},
                           &options.statistics.only);
  add_closed_form_options(table, options.closed_form);
  options.statistics.describe_of_items(table, {"--similarity", "--alpha"});
}

void require_private_similarity(const SimilarityOptions& options) {
  if (options.kind != Similarity::kCosine) fail_usage("sums with noise need --similarity cosine");
  if (!(options.shrink > 0.0)) fail_usage("sums with noise need --shrink above 0");
}

bool is_of_gram(const KnnCommand& options) {
  return options.privacy.given() || options.statistics.only || !options.statistics.file.empty();
}

// Half of --alpha: a user of n items counts n^-alpha.
double user_exponent(const KnnCommand& options) {
  if (options.privacy.given()) return 0.5;
  return options.knn.similarity.kind == Similarity::kRp3beta ? options.knn.similarity.alpha / 2.0 : 0.0;
}

void check_options(const OptionTable& table, KnnCommand& options) {
  options.knn.check();
  check_closed_form_options(options.closed_form);
  if (options.closed_form.features.given()) {
    if (options.by == By::kUser) fail_usage("--item-features needs --by item");
    if (options.knn.similarity.kind != Similarity::kCosine) fail_usage("--item-features needs --similarity cosine");
  }
  if (options.closed_form.embed.weights) {
    if (options.by == By::kUser) fail_usage("--weights needs --by item");
    if (options.knn.similarity.kind == Similarity::kJaccard)
      fail_usage("--weights does not apply to --similarity jaccard, which compares what pairs there are");
  }
  options.knn.weight = options.closed_form.weight;
  if (options.privacy.items == "-" && options.closed_form.embed.reads_stdin())
    fail_usage("stdin (-) is used for more than one input");
  options.privacy.check();
  options.shrink_given = table.given("--shrink");
  options.alpha_given = table.given("--alpha");
  if (!is_of_gram(options)) return;
  if (options.by == By::kUser)
    fail_usage("{} needs --by item", options.privacy.given() ? "--dp-epsilon" : "--statistics-only");
  check_gram_similarity(options.knn);
  if (options.privacy.given()) require_private_similarity(options.knn.similarity);
  check_statistics_options(options.statistics, options.privacy, user_exponent(options));
}

int run_knn_of_gram(KnnCommand& options) {
  const GramTraining step{"knn", GramTraining::Form::kRows,
                          [&](size_t items, uint64_t entries, bool, int threads) {
                            return knn_of_gram_memory(items, entries, options.knn, threads);
                          },
                          [&](Artefact artefact, ItemGram& gram, int threads, const Report&) {
                            KnnOptions knn = options.knn;
                            SimilarityOptions& similarity = knn.similarity;
                            if (gram.is_noisy) {
                              require_private_similarity(similarity);
                              if (!options.shrink_given) similarity.shrink = kPrivateShrink * gram.noise_deviation;
                            } else if (similarity.kind == Similarity::kRp3beta) {
                              if (options.alpha_given && similarity.alpha != 2.0 * gram.user_exponent)
                                fail("{}: sums for --alpha {}, found --alpha {}", options.statistics.file,
                                     2.0 * gram.user_exponent, similarity.alpha);
                              similarity.alpha = 2.0 * gram.user_exponent;
                            }
                            // Of rp3beta it is half of --alpha.
                            if (similarity.kind != Similarity::kRp3beta && gram.user_exponent != 0.0)
                              artefact.meta["user-exponent"] = fmt::format("{}", gram.user_exponent);
                            return fit_knn_of_gram(std::move(artefact), gram.rows, gram.counts, knn, threads);
                          }};
  return run_gram_training(step, options.closed_form.embed, options.privacy, options.statistics);
}

int run_knn(KnnCommand& options) {
  if (options.statistics.only)
    return run_statistics_only(options.closed_form.embed, options.privacy, options.statistics, user_exponent(options));
  if (is_of_gram(options)) return run_knn_of_gram(options);
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
  embed_command<KnnCommand>(tool, "knn", "Neighbours by item or user: cosine, Jaccard, TF-IDF, BM25, RP3beta",
                            add_options, check_options, run_knn);
}

}  // namespace rec
