#include "eval/eval_predictions.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "metrics/prediction_bootstrap.h"

namespace rec {
namespace {

// Points of the ROC curve nearer than 1/500 cannot be told apart in a picture.
constexpr uint32_t kRocResolution = 500;

struct PredictionColumn {
  enum : size_t { kLabel, kPrediction, kWeight, kUser };
};

struct Checks {
  bool labels_binary = false;
  bool probabilities = false;
  bool users = false;
};

Checks checks_for(std::span<const Metric> metrics) {
  Checks checks;
  for (const Metric& metric : metrics) {
    checks.labels_binary |= metric.info->binary_labels;
    checks.probabilities |= metric.info->probabilities;
    checks.users |= metric.info->needs_user;
  }
  return checks;
}

void check_in_unit(double value, std::string_view what, const Line& line, int position) {
  if (value >= 0.0 && value <= 1.0) return;
  bad_field(position + 1, fmt::format("expected a {} in [0, 1] (for logloss, ece and curves), found \"{}\"", what,
                                      printable(line.fields[static_cast<size_t>(position)])));
}

struct PredictionPiece {
  Predictions rows;
  std::vector<std::string_view> users;  // dead with the batch
};

void parse_row(const Layout& layout, const Checks& checks, const Line& line, PredictionPiece& piece) {
  const int label_at = layout.position[PredictionColumn::kLabel];
  const int prediction_at = layout.position[PredictionColumn::kPrediction];
  const double label = number_field(line, label_at);
  const double prediction = number_field(line, prediction_at);
  if (checks.labels_binary && label != 0.0 && label != 1.0) {
    bad_field(label_at + 1, fmt::format("expected a label 0 or 1 (for auc, gauc and curves), found \"{}\"",
                                        printable(line.fields[static_cast<size_t>(label_at)])));
  }
  if (checks.probabilities) {
    check_in_unit(label, "label", line, label_at);
    check_in_unit(prediction, "prediction", line, prediction_at);
  }
  double weight = 1.0;
  if (layout.has(PredictionColumn::kWeight)) {
    weight = number_field(line, layout.position[PredictionColumn::kWeight]);
    if (weight < 0.0)
      bad_field(layout.position[PredictionColumn::kWeight] + 1,
                fmt::format("expected a weight >= 0, found {}", weight));
  }
  if (checks.users) piece.users.push_back(id_field(line, layout.position[PredictionColumn::kUser], "user"));
  // Behind all checks, so that a bad line leaves no half row.
  if (layout.has(PredictionColumn::kWeight)) piece.rows.weight.push_back(weight);
  piece.rows.label.push_back(label);
  piece.rows.prediction.push_back(prediction);
}

void append(const std::vector<double>& from, std::vector<double>& to) { to.insert(to.end(), from.begin(), from.end()); }

}  // namespace

TableSpec predictions_spec() {
  return {"predictions",
          {{"label", true, TableSpec::Kind::kNumber},
           {"prediction", true, TableSpec::Kind::kNumber},
           {"weight", false, TableSpec::Kind::kNumber},
           {"user", false}}};
}

PredictionTable read_predictions(const std::string& path, const ReadOptions& read, std::span<const Metric> metrics,
                                 const PredictionReading& reading, int threads) {
  TableReader reader(path, predictions_spec(), read);
  Checks checks = checks_for(metrics);
  checks.labels_binary |= reading.curves;
  checks.probabilities |= reading.curves;
  bool more = reader.next();
  if (more && (checks.users || reading.per_user) && !reader.layout().has(PredictionColumn::kUser)) {
    const auto needs =
        std::find_if(metrics.begin(), metrics.end(), [](const Metric& metric) { return metric.info->needs_user; });
    fail("{}: no column user, which {} needs (label prediction weight user, a header, or --columns)", reader.name(),
         needs == metrics.end() ? "--per-user" : needs->name);
  }
  for (const Metric& metric : metrics) {
    if (reading.per_user && metric.info->by_user == nullptr)
      fail_usage("--per-user does not apply to {}, which has no value of a user", metric.name);
  }
  checks.users |= reading.per_user;
  checks.users |= reading.users && reader.layout().has(PredictionColumn::kUser);
  PredictionTable table;
  table.name = reader.name();
  Predictions& rows = table.rows;
  std::vector<PredictionPiece> pieces;
  const auto parts = static_cast<size_t>(std::max(1, threads)) * 2;
  for (; more; more = reader.next()) {
    pieces.assign(parts, PredictionPiece{});
    reader.parse(threads, parts,
                 [&](size_t piece, const Line& line) { parse_row(reader.layout(), checks, line, pieces[piece]); });
    for (const PredictionPiece& piece : pieces) {
      append(piece.rows.label, rows.label);
      append(piece.rows.prediction, rows.prediction);
      append(piece.rows.weight, rows.weight);
      for (const std::string_view user : piece.users) rows.user.push_back(table.users.intern(user));
    }
  }
  if (rows.label.empty()) fail("{}: no rows to evaluate", reader.name());
  table.bad_lines = reader.bad_lines();
  return table;
}

PredictionEvaluation evaluate_predictions(const PredictionTable& table, std::span<const Metric> metrics,
                                          const BootstrapOptions& bootstrap, bool curves, bool per_user, int threads) {
  const Predictions& rows = table.rows;
  const IdTable& users = table.users;
  PredictionEvaluation evaluation;
  evaluation.rows = rows.label.size();
  evaluation.users = users.size();
  evaluation.values.resize(metrics.size());
  parallel_for(metrics.size(), threads, [&](size_t metric, int) {
    evaluation.values[metric] = metrics[metric].info->prediction(rows, metrics[metric].parameter);
  });
  std::vector<UserValues> by_user;
  for (const Metric& metric : metrics) {
    if (!metric.info->needs_user && !per_user) continue;
    by_user.push_back(metric.info->by_user(rows));
    if (by_user.size() > 1 || !metric.info->needs_user) continue;
    const std::vector<double>& values = by_user.front().value;
    const auto none = std::count_if(values.begin(), values.end(), [](double value) { return std::isnan(value); });
    evaluation.has_by_user = true;
    evaluation.users_of_one_label = static_cast<uint64_t>(none);
    evaluation.users = values.size() - evaluation.users_of_one_label;
  }
  if (per_user) {
    for (const uint32_t user : users.sorted_order()) {
      evaluation.user_names.emplace_back(users[user]);
      for (const UserValues& metric : by_user) evaluation.user_values.push_back(metric.value[user]);
    }
  }
  if (curves) {
    const auto ece_metric =
        std::find_if(metrics.begin(), metrics.end(), [](const Metric& metric) { return metric.info->name == "ece"; });
    const uint32_t bins = ece_metric == metrics.end() ? kEceBins : ece_metric->parameter;
    evaluation.curves = {calibration_curve(rows, bins), roc_curve(rows, kRocResolution)};
  }
  if (bootstrap.resamples > 0) evaluation.intervals = bootstrap_predictions(rows, metrics, bootstrap, threads);
  return evaluation;
}

}  // namespace rec
