// The options that change the order: keys, pins, rules, diversity, calibration.
#include "rank/options.h"

namespace rec {

void declare_rerank_options(OptionTable& table, RankToolOptions& options) {
  table.heading(kRerankGroup);
  RankRequest& request = options.request;
  table
      .parsed(
          "--weight", [&request](const std::string& text) { request.add_weights(text); }, "LIST",
          "Order by a weighted sum of columns: COLUMN=WEIGHT,... (score=1,margin=0.2); default score=1")
      .repeatable();
  table
      .add("--popularity", request.popularity, "FILE",
           "Interactions: the key is multiplied by (users of the item)^G, G being --gamma")
      .reads();
  table.add("--gamma", request.gamma, "G",
            "Exponent of --popularity: above 0 popular items rise, below 0 rare ones; 0 changes no order");
  table.one_of<PopularityScores, PopularityScores>(
      "--popularity-scores", request.popularity_scores,
      {{"elu", PopularityScores::kElu}, {"plain", PopularityScores::kPlain}},
      "How --popularity makes a score positive. elu: e^score for a score up to 0, else 1 + score; plain: the score as "
      "it is, and a negative one is an error");
  table.add("--boost", request.boost, "FILE", "Table of item and boost: the boost is added to the key of the item")
      .reads();
  table
      .add("--pin", request.pin, "FILE",
           "Table of item, rank [and user]: the item gets that rank, for the user or for everyone")
      .reads();
  table
      .parsed(
          "--cap", [&request](const std::string& text) { request.add_cap(text); }, "KIND=N",
          "At most N items of each category of a kind of features; repeatable")
      .repeatable();
  table
      .parsed(
          "--dedup", [&request](const std::string& text) { request.add_dedup(text); }, "WHAT",
          "No two items of a category (KIND), or as similar as cosine>=T, cosine:KIND>=T, jaccard:KIND>=T; repeatable")
      .repeatable();
  table
      .add("--features", request.features, "FILE",
           "Features of items: item feature [value], where a feature is KIND=CATEGORY; or, by header, item and a "
           "column for each KIND")
      .reads();
  table.add("-m,--model", request.model, "FILE", "Model of rec-embed, for the cosine of its item vectors")
      .reads_model();
  using Method = RankRequest::Method;
  table
      .one_of<Method, Method>("--diversify", request.method, {{"mmr", Method::kMmr}, {"dpp", Method::kDpp}},
                              "Choose items that differ from those before them: maximal marginal relevance, or a "
                              "determinantal point process")
      .excludes("--calibrate");
  table.parsed(
      "--similarity", [&request](const std::string& text) { request.set_similarity(text); }, "WHAT",
      "Similarity of --diversify: cosine (of the vectors of the model, default), cosine:KIND, jaccard:KIND");
  table.parsed(
      "--calibrate",
      [&request](const std::string& kind) {
        request.calibrate = kind;
        request.method = Method::kCalibration;
      },
      "KIND", "Bring the categories of a list to the proportions of the history of the user");
  table.add("--history", request.history, "FILE", "Interactions: the histories of --calibrate").reads();
  table
      .add("--lambda", request.lambda, "L",
           "With mmr the weight of relevance, with --calibrate that of the proportions")
      .range(0, 1);
  table.add("--theta", request.theta, "T", "The weight of relevance with dpp").range(0, 1);
}

}  // namespace rec
