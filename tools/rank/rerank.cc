// The options that change the order: keys, pins, rules, diversity, calibration.
#include "rank/options.h"

namespace rec {

void declare_rerank_options(CLI::App& app, RankToolOptions& options) {
  RankRequest& request = options.request;
  auto add = [&app](const char* name, auto& target, const char* type, const std::string& text) {
    return app.add_option(name, target, text)->type_name(type)->group(kRerankGroup);
  };
  auto add_parsed = [&app](const char* name, std::function<void(const std::string&)> parse, const char* type,
                           const std::string& text) {
    return app
        .add_option_function<std::vector<std::string>>(
            name,
            [parse](const std::vector<std::string>& texts) {
              for (const std::string& one : texts) parse(one);
            },
            text)
        ->type_name(type)
        ->allow_extra_args(false)
        ->group(kRerankGroup);
  };
  add_parsed(
      "--weight", [&request](const std::string& text) { request.add_weights(text); }, "LIST",
      "Order by a weighted sum of columns: COLUMN=WEIGHT,... (score=1,margin=0.2); default score=1");
  add("--boost", request.boost, "FILE", "item boost: added to the key of the item's rows");
  add("--pin", request.pin, "FILE", "item rank [user]: the item stands at that rank, for the user or for everyone");
  add_parsed(
      "--cap", [&request](const std::string& text) { request.add_cap(text); }, "KIND=N",
      "At most N items of each category of a kind of features; repeatable");
  add_parsed(
      "--dedup", [&request](const std::string& text) { request.add_dedup(text); }, "WHAT",
      "No two items of a category (KIND), or as similar as cosine>=T, cosine:KIND>=T, jaccard:KIND>=T; repeatable");
  add("--features", request.features, "FILE",
      "item feature [value], a feature being KIND=CATEGORY; or by header item and a column a KIND");
  add("-m,--model", request.model, "FILE", "Model of rec-embed, for the cosine of its item vectors");
  using Method = RankRequest::Method;
  add_choice<Method, Method>(
      app, "--diversify", request.method, {{"mmr", Method::kMmr}, {"dpp", Method::kDpp}},
      "Items unlike those before them: maximal marginal relevance, or a determinantal point process")
      ->group(kRerankGroup);
  app.add_option_function<std::string>(
         "--similarity", [&request](const std::string& text) { request.set_similarity(text); },
         "Of --diversify: cosine (of the model's vectors, default), cosine:KIND, jaccard:KIND")
      ->type_name("WHAT")
      ->group(kRerankGroup);
  app.add_option_function<std::string>(
         "--calibrate",
         [&request](const std::string& kind) {
           request.calibrate = kind;
           request.method = Method::kCalibration;
         },
         "Categories in the proportions of the user's history")
      ->type_name("KIND")
      ->group(kRerankGroup);
  add("--history", request.history, "FILE", "Interactions: the histories of --calibrate");
  add("--lambda", request.lambda, "L",
      "0 to 1: with mmr the weight of relevance, with --calibrate that of the proportions")
      ->capture_default_str();
  add("--theta", request.theta, "T", "0 to 1: the weight of relevance with dpp")->capture_default_str();
}

}  // namespace rec
