// Metrics of predicted values against labels, row by row.
// N rows; w = weight (1 where there is none); W = Σ w. Sums are compensated and
// run in row order (auc: by prediction, then row), so results never depend on
// threads. A metric that the rows leave undefined (named at each) is NaN.
// Thread rule: plain data, pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rec {

struct Predictions {
  std::vector<double> label;       // N, finite
  std::vector<double> prediction;  // N, finite
  std::vector<double> weight;      // N, >= 0 and finite; or empty: all 1
  std::vector<uint32_t> user;      // N, dense from 0; or empty: needed by gauc only
};

inline double weight_of(const Predictions& rows, size_t row) { return rows.weight.empty() ? 1.0 : rows.weight[row]; }

// How close to 0 and 1 logloss lets a probability come.
inline constexpr double kLoglossClip = 1e-15;

// Powers of two (scaling.h) that the metrics divide by, so that labels, predictions
// and weights near the ends of double's range have their value; a metric that has none
// in the range of double is infinite. All 0 for rows of ordinary size.
struct PredictionScale {
  int value = 0;       // of labels and predictions alike
  int label = 0;       // of labels alone
  int prediction = 0;  // of predictions alone
  int weight = 0;      // of all weights
  int side[2] = {};    // of the weights of labels below and above 1/2
};
PredictionScale scale_of(const Predictions& rows);

// The equal-width bins of ece without @bins.
inline constexpr uint32_t kEceBins = 10;

// The probability that a row of label 1 is predicted higher than a row of label
// 0, a tie counting ½; each pair weighs w·w. Range [0, 1], ½ for a constant.
// NaN unless both labels have weight. O(N log N). REQUIRES: labels 0 or 1.
// Hanley and McNeil 1982; sklearn roc_auc_score.
double auc(const Predictions& rows);

// auc within each user, averaged with the user's Σ w as the weight (Zhou et al.
// 2018, arXiv:1706.06978). Users with one label only have no auc: they are left
// out and counted. NaN where no user is left.
// REQUIRES: labels 0 or 1; user not empty unless N = 0.
struct GroupedAuc {
  double value;
  uint64_t users;           // that count
  uint64_t users_left_out;  // of one label only
};
GroupedAuc gauc(const Predictions& rows);
// What gauc averages: value[u] NaN for a user left out, weight[u] = Σ w, in
// one power of two for all. U users,
// as many as the largest number in rows.user says.
struct UserValues {
  std::vector<double> value;   // U
  std::vector<double> weight;  // U
};
UserValues auc_by_user(const Predictions& rows);

// -(1/W) Σ w (y ln p + (1-y) ln(1-p)), p clipped to [clip, 1-clip]. Range
// [0, 34.54]; lower is better. NaN where W = 0. REQUIRES: labels and
// predictions in [0, 1].
double logloss(const Predictions& rows, double clip = kLoglossClip);
// The term of one row: -(y ln p + (1-y) ln(1-p)).
double logloss_term(double label, double prediction, double clip = kLoglossClip);

// (1/W) Σ w (prediction - label)², its root, and (1/W) Σ w |prediction - label|.
// Range [0, ∞); lower is better. NaN where W = 0.
double mse(const Predictions& rows);
double rmse(const Predictions& rows);
double mae(const Predictions& rows);

// Expected calibration error: Σ over bins of (W_bin / W) · |mean label - mean
// prediction|, equal-width bins [b/B, (b+1)/B) of the prediction, 1 in the last
// (Naeini et al. 2015). Range [0, 1]; lower is better. NaN where W = 0.
// REQUIRES: labels and predictions in [0, 1]; bins >= 1.
double ece(const Predictions& rows, uint32_t bins = kEceBins);
// The bin of a prediction in [0, 1], in [0, bins).
uint32_t ece_bin(double prediction, uint32_t bins);

// Σ w·prediction / Σ w·label: 1 is calibrated in the large, above 1 predicts too
// much. NaN where the labels sum to 0.
double calibration(const Predictions& rows);

}  // namespace rec
