// Predictions measured against labels: label prediction [weight] [user].
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/id_table.h"
#include "io/table.h"
#include "metrics/bootstrap.h"
#include "metrics/curves.h"
#include "metrics/metric_table.h"

namespace rec {

struct PredictionEvaluation {
  std::vector<Interval> intervals;  // one a metric, if there was a bootstrap
  std::vector<double> values;       // one a metric, in order; NaN where the rows leave it undefined
  uint64_t rows = 0;
  std::optional<PredictionCurves> curves;  // if asked for
  uint64_t users = 0;                   // that a metric by user takes in, or that were resampled; 0: none play a part
  bool has_by_user = false;             // whether a metric by user is among the metrics
  uint64_t users_of_one_label = 0;      // left out of the first of these
  std::vector<std::string> user_names;  // in byte order, if asked for
  std::vector<double> user_values;      // users × metrics; NaN for none
};

TableSpec predictions_spec();

// A table of predictions in memory: 16 bytes a row, 8 more for a weight and 4 for a user.
struct PredictionTable {
  Predictions rows;
  IdTable users;  // of rows.user; empty where these were not read
  std::string name;
  uint64_t bad_lines = 0;
};

struct PredictionReading {
  bool curves = false;    // labels must be 0 or 1 and predictions in [0, 1]
  bool per_user = false;  // there must be a column user, and all metrics have by_user
  bool users = false;     // a column user is read if there is one
};

// The metrics decide what is checked, as MetricInfo says: labels that must be 0 or 1, labels and
// predictions in [0, 1], a user column; weights >= 0 always.
// Throws Error for a line that is otherwise, and for a table without rows.
PredictionTable read_predictions(const std::string& path, const ReadOptions& read, std::span<const Metric> metrics,
                                 const PredictionReading& reading, int threads);

// curves: there are the calibration curve (in the bins of the first ece among the metrics, else 10) and
// the ROC curve. per_user: the values of each user. With resamples, users are resampled if the table has users, else
// rows. REQUIRES: a table that was read for these metrics, and for what is asked.
PredictionEvaluation evaluate_predictions(const PredictionTable& table, std::span<const Metric> metrics,
                                          const BootstrapOptions& bootstrap, bool curves, bool per_user, int threads);

}  // namespace rec
