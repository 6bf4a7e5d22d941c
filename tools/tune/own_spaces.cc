#include "tune/own_spaces.h"

#include <algorithm>
#include <cassert>

#include "base/error.h"
#include "models/sgd/run_size.h"

namespace rec {
namespace {

// ease inverts a matrix of all items.
constexpr size_t kMostItemsOfEase = 20000;
// A softmax over more items takes most of the time of a training.
constexpr size_t kMostItemsOfSoftmax = 8000;
constexpr size_t kMostRowsOfWideModels = 3'000'000;
// Rows of neural's default batch, and how many steps it takes.
constexpr int kMostBatch = 1024;
constexpr size_t kSteps = 10000;

SearchSpace make_space(const std::string& text, const std::string& first) {
  const Words words = Space::parse("x " + first).at({});
  return {Space::parse(text), words};
}

SearchSpace space_of(const std::string& model, const Interactions& data) {
  const bool ordered = !data.timestamp.empty();
  const bool wide = data.size() <= kMostRowsOfWideModels;
  const std::string loss = data.items.size() > kMostItemsOfSoftmax ? " --loss sampled-softmax --negatives 1000" : "";
  if (model == "als") {
    return make_space("als --dim {16.." + std::string(wide ? "256" : "128") +
                          " log} --reg {0.0003..0.3 log} --unobserved-weight {0.01..1 log} --reg-exponent {0.5..1}",
                      "");
  }
  if (model == "ease")
    return make_space("ease --reg {3.0..3000 log} --dropout {0,0.2,0.33,0.5} --item-exponent {0,0.1,0.2,0.4}", "");
  if (model == "svd") {
    return make_space(
        "svd --dim {16.." + std::string(wide ? "512" : "256") +
            " log} {--pure,--graph-filter 0.1,--graph-filter 0.3,--graph-filter 1,--ridge 0.1,--ridge 0.4,--ridge 1,"
            "--ridge 0.4 --history-exponent 0.1 --candidate-exponent 0.35,--graph-filter 0.3 --sharpen 0.2}",
        "");
  }
  if (model == "knn") {
    return make_space(
        "knn --neighbours {20..1000 log} {--shrink 0,--shrink 10,--shrink 100,--similarity tfidf,--similarity bm25,"
        "--similarity rp3beta --alpha 0.6 --beta 0.1,--similarity rp3beta --alpha 0.6 --beta 0.3,"
        "--similarity rp3beta --beta 0.5,--by user --similarity tfidf,--by user --similarity bm25}",
        "");
  }
  if (model == "mf") return make_space("mf --dim {4..128 log} {,--implicit}", "");
  if (model == "neural") {
    const int batch = batch_by_size(data.size(), 256, 64, kMostBatch);
    const std::string epochs = fmt::format(" --epochs {}", epochs_by_size(data.size(), batch, kSteps, 20, 200));
    return make_space(
        "neural --dim {32,64,128} --learning-rate {0.0005..0.02 log} --dropout {0..0.7} --weight-decay {1e-6..0.01 "
        "log}" +
            epochs,
        epochs);
  }
  if (model == "attention-pool") {
    return make_space(
        "attention-pool --dim {32,64,128} --dropout {0.1..0.7} --learning-rate {0.0005..0.01 log} {,--untied}" +
            std::string(ordered ? " {,--decay,--predict left-out}" : "") + loss,
        loss);
  }
  if (model == "sasrec" || model == "bert4rec") {
    return make_space(
        model + " --dim {32,64,128} --blocks {1,2,3} --dropout {0.1..0.6} --learning-rate {0.0003..0.003 log}" + loss,
        loss);
  }
  assert(model == "pop");
  return {Space::parse("pop"), std::nullopt};
}

}  // namespace

bool has_own_space(const std::string& model) {
  constexpr const char* kNames[] = {"pop",    "knn",     "svd", "als", "ease", "mf", "neural", "attention-pool",
                                    "sasrec", "bert4rec"};
  return std::find(std::begin(kNames), std::end(kNames), model) != std::end(kNames);
}

std::vector<SearchSpace> own_spaces(const std::vector<std::string>& models, const Interactions& data, bool values) {
  std::vector<std::string> names = models;
  if (names.empty() && values) names = {"mf"};
  if (names.empty()) {
    names = {"pop", "knn", "svd", "als"};
    if (data.items.size() <= kMostItemsOfEase) names.emplace_back("ease");
    names.emplace_back("neural");
    names.emplace_back("attention-pool");
    if (!data.timestamp.empty()) names.insert(names.end(), {"sasrec", "bert4rec"});
  }
  std::vector<SearchSpace> spaces;
  for (const std::string& name : names) spaces.push_back(space_of(name, data));
  return spaces;
}

}  // namespace rec
