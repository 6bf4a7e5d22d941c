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
bool is_metric_of_labels(const Metric& metric) {
  const std::string_view name = metric.info->name;
  return name == "auc" || name == "gauc" || name == "logloss";
}

LabelledValidation::LabelledValidation(LabelledRows held_out, Metric metric, std::string name,
                                       CalibrationKind calibration)
    : Validation(std::move(metric)), name_(std::move(name)), calibration_(calibration), held_out_(std::move(held_out)) {
  const size_t positives = held_out_.positives();
  if (held_out_.size() == 0) fail("{}: no rows", name_);
  if (positives > 0 && positives < held_out_.size()) return;
  if (metric_.info->binary_labels)
    fail("{}: all labels are {}, {} compares rows of both", name_, positives == 0 ? 0 : 1, metric_.name);
  if (calibration_ != CalibrationKind::kNone)
    fail("{}: all labels are {}, --calibrate needs rows of both", name_, positives == 0 ? 0 : 1);
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

std::vector<float> LabelledValidation::scores(const Model& model, ScoreForm form, int threads) const {
  const ContextScorer scorer(model, form);
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
  std::vector<float> scores(N);
  struct Worker {
    ContextScorer::Scratch scratch;
    std::vector<uint32_t> users, items, categories;
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
    scorer.score(own.users, own.categories.data(), own.items, own.scratch, scores.data() + first);
  });
  if (!std::all_of(scores.begin(), scores.end(), [](float value) { return std::isfinite(value); }))
    fail("a predicted probability is not finite; a lower --learning-rate or --clip-norm may help");
  return scores;
}

double LabelledValidation::metric_of(const Metric& metric, const std::vector<float>& probabilities) const {
  Predictions rows;
  rows.label.assign(held_out_.rows.value.begin(), held_out_.rows.value.end());
  rows.prediction.assign(probabilities.begin(), probabilities.end());
  if (metric.info->needs_user) rows.user.assign(held_out_.rows.user.begin(), held_out_.rows.user.end());
  return metric.info->prediction(rows, metric.parameter);
}

double LabelledValidation::evaluate(Model& model, int threads) const {
  return metric_of(metric_, scores(model, model.predictor(), threads));
}

std::string LabelledValidation::finish(Artefact& artefact, int threads) const {
  if (calibration_ == CalibrationKind::kNone) return {};
  const Model model(artefact);
  const std::vector<float> logits = scores(model, model.attention(), threads);
  const auto [least, most] = std::minmax_element(logits.begin(), logits.end());
  if (*least == *most) fail("{}: --calibrate: all rows have the same score", name_);
  Matrix fitted;
  if (calibration_ == CalibrationKind::kPlatt) {
    const PlattScale scale = fit_platt(logits, held_out_.rows.value);
    if (scale.slope > 0.0) {
      fitted.resize(1, 2);
      fitted(0, 0) = static_cast<float>(scale.slope);
      fitted(0, 1) = static_cast<float>(scale.intercept);
    }
  } else {
    const std::vector<Knot> knots = fit_isotonic(logits, held_out_.rows.value);
    if (knots.front().probability < knots.back().probability) {
      fitted.resize(knots.size(), 2);
      for (size_t at = 0; at < knots.size(); ++at) {
        fitted(at, 0) = knots[at].score;
        fitted(at, 1) = knots[at].probability;
      }
    }
  }
  if (fitted.rows() == 0)
    fail("{}: --calibrate: the labels do not rise with the scores: the model is no better than chance on these rows",
         name_);
  const Metric logloss = parse_metric("logloss");
  const double before = metric_of(logloss, scores(model, model.predictor(), threads));
  if (calibration_ == CalibrationKind::kPlatt) {
    artefact.add(kPlattTensor, std::vector<float>{fitted(0, 0), fitted(0, 1)});
  } else {
    artefact.add(kIsotonicTensor, fitted);
  }
  artefact.meta[kCalibrate] = name_in(kCalibrations, calibration_);
  artefact.meta["predictor"] = name_of(ScoreForm::kCalibrated);
  const Model calibrated(artefact);
  return fmt::format("{}: calibrated by {}: logloss {:.4f}, before {:.4f}", name_, artefact.meta[kCalibrate],
                     metric_of(logloss, scores(calibrated, calibrated.predictor(), threads)), before);
}

}  // namespace rec
