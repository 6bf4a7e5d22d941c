#include "train/labelled_validation.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel_for.h"
#include "data/digest.h"
#include "metrics/predictions.h"
#include "score/context_scorer.h"
#include "score/user_vectors.h"

namespace rec {
namespace {

bool is_lower_better(const Metric& metric) {
  return metric.info->name != std::string_view("auc") && metric.info->name != std::string_view("gauc");
}

}  // namespace

bool is_metric_of_labels(const Metric& metric) {
  const std::string_view name = metric.info->name;
  return name == "auc" || name == "gauc" || name == "logloss";
}

LabelledValidation::LabelledValidation(LabelledRows held_out, Metric metric, const std::string& name)
    : Validation(std::move(metric)), held_out_(std::move(held_out)), lower_(is_lower_better(metric_)) {
  const size_t positives = held_out_.positives();
  if (held_out_.size() == 0) fail("{}: no rows", name);
  if (!lower_ && (positives == 0 || positives == held_out_.size()))
    fail("{}: all labels are {}, {} compares rows of both", name, positives == 0 ? 0 : 1, metric_.name);
}

std::string LabelledValidation::digest() const {
  Digest digest;
  const Interactions& rows = held_out_.rows;
  digest.add(rows.users);
  digest.add(rows.items);
  digest.add(std::span<const uint32_t>(rows.user));
  digest.add(std::span<const uint32_t>(rows.item));
  digest.add(std::span<const float>(rows.value));
  for (const ContextColumn& column : held_out_.context) {
    digest.add(column.categories);
    digest.add(std::span<const uint32_t>(column.value));
  }
  return digest.text();
}

double LabelledValidation::evaluate(Model& model, int threads) const {
  const ContextScorer scorer(model, model.predictor());
  const std::vector<uint32_t> user_of = match_ids(held_out_.rows.users, model.users());
  const std::vector<uint32_t> item_of = match_ids(held_out_.rows.items, model.items());
  const size_t K = held_out_.context.size();
  std::vector<std::vector<uint32_t>> category_of(K);
  for (size_t k = 0; k < K; ++k) {
    const IdTable& categories = held_out_.context[k].categories;
    for (uint32_t at = 0; at < categories.size(); ++at)
      category_of[k].push_back(model.encoder().find_category(k, categories[at]));
  }
  const size_t N = held_out_.size();
  Predictions rows;
  rows.label.assign(held_out_.rows.value.begin(), held_out_.rows.value.end());
  rows.prediction.resize(N);
  if (metric_.info->name == std::string_view("gauc"))
    rows.user.assign(held_out_.rows.user.begin(), held_out_.rows.user.end());
  struct Worker {
    ContextScorer::Scratch scratch;
    std::vector<uint32_t> users, items, categories;
    std::vector<float> scores;
  };
  std::vector<Worker> workers(static_cast<size_t>(threads));
  constexpr size_t kRowsPerTask = 1024;
  parallel_for((N + kRowsPerTask - 1) / kRowsPerTask, threads, [&](size_t task, int worker) {
    Worker& own = workers[static_cast<size_t>(worker)];
    const size_t first = task * kRowsPerTask;
    const size_t last = std::min(N, first + kRowsPerTask);
    own.users.clear();
    own.items.clear();
    own.categories.clear();
    for (size_t row = first; row < last; ++row) {
      own.users.push_back(user_of[held_out_.rows.user[row]]);
      own.items.push_back(item_of[held_out_.rows.item[row]]);
      for (size_t k = 0; k < K; ++k) {
        const uint32_t value = held_out_.context[k].value[row];
        own.categories.push_back(value == kNoId ? kNoId : category_of[k][value]);
      }
    }
    own.scores.resize(last - first);
    scorer.score(own.users, own.categories.data(), own.items, own.scratch, own.scores.data());
    for (size_t at = 0; at < own.scores.size(); ++at) rows.prediction[first + at] = static_cast<double>(own.scores[at]);
  });
  if (!std::all_of(rows.prediction.begin(), rows.prediction.end(), [](double value) { return std::isfinite(value); }))
    fail("a predicted probability is not finite; a lower --learning-rate or --clip-norm may help");
  return metric_.info->prediction(rows, metric_.parameter);
}

}  // namespace rec
