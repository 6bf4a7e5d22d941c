// What stands behind the metrics of probabilities, for tables and plots: the
// calibration curve and the ROC curve. Thread rule: pure functions.
// REQUIRES throughout: labels 0 or 1; calibration: predictions in [0, 1].
#pragma once

#include <vector>

#include "metrics/predictions.h"

namespace rec {

// The rows whose prediction is in [low, high), the last bin with its high end.
struct CalibrationBin {
  double low;
  double high;
  uint64_t rows;
  double weight;           // Σ w
  double mean_prediction;  // weighted; NaN without weight
  double mean_label;
};
// The equal-width bins of ece, empty ones too.
std::vector<CalibrationBin> calibration_curve(const Predictions& rows, uint32_t bins);

struct RocPoint {
  double false_positive_rate;
  double true_positive_rate;
};
// From (0, 0) to (1, 1), one point a distinct prediction, highest first; points that
// are nearer to the one before than 1/resolution (in the sum of both rates) are left
// out. Empty unless both labels have weight. The area below it without thinning is auc.
std::vector<RocPoint> roc_curve(const Predictions& rows, uint32_t resolution);

struct PredictionCurves {
  std::vector<CalibrationBin> calibration;
  std::vector<RocPoint> roc;
};

}  // namespace rec
