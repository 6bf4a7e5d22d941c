#include "metrics/curves.h"

#include <algorithm>
#include <numeric>

#include "metrics/scaling.h"

namespace rec {

std::vector<CalibrationBin> calibration_curve(const Predictions& rows, uint32_t bins) {
  const int exponent = scale_of(rows).weight;
  std::vector<CalibrationBin> curve;
  for (uint32_t bin = 0; bin < bins; ++bin) {
    curve.push_back({static_cast<double>(bin) / bins, (bin + 1.0) / bins, 0, 0.0, 0.0, 0.0});
  }
  for (size_t row = 0; row < rows.label.size(); ++row) {
    CalibrationBin& bin = curve[ece_bin(rows.prediction[row], bins)];
    const double weight = scaled_down(rows.weight.empty() ? 1.0 : rows.weight[row], exponent);
    ++bin.rows;
    bin.weight += weight;
    bin.mean_prediction += weight * rows.prediction[row];
    bin.mean_label += weight * rows.label[row];
  }
  for (CalibrationBin& bin : curve) {
    bin.mean_prediction /= bin.weight;
    bin.mean_label /= bin.weight;
    bin.weight = scaled_up(bin.weight, exponent);
  }
  return curve;
}

std::vector<RocPoint> roc_curve(const Predictions& rows, uint32_t resolution) {
  std::vector<size_t> order(rows.label.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&rows](size_t a, size_t b) { return rows.prediction[a] > rows.prediction[b]; });
  std::vector<RocPoint> sums{{0.0, 0.0}};
  const PredictionScale scale = scale_of(rows);
  double negatives = 0.0;
  double positives = 0.0;
  for (size_t place = 0; place < order.size(); ++place) {
    const size_t row = order[place];
    const bool positive = rows.label[row] > 0.5;
    (positive ? positives : negatives) +=
        scaled_down(rows.weight.empty() ? 1.0 : rows.weight[row], scale.side[positive ? 1 : 0]);
    const bool last = place + 1 == order.size() || rows.prediction[order[place + 1]] != rows.prediction[row];
    if (last) sums.push_back({negatives, positives});
  }
  if (!(negatives > 0.0 && positives > 0.0)) return {};
  std::vector<RocPoint> curve;
  for (const RocPoint& sum : sums) {
    const RocPoint point{sum.false_positive_rate / negatives, sum.true_positive_rate / positives};
    const double walked = curve.empty() ? 1.0
                                        : point.false_positive_rate - curve.back().false_positive_rate +
                                              point.true_positive_rate - curve.back().true_positive_rate;
    if (walked * resolution >= 1.0 || &sum == &sums.back()) curve.push_back(point);
  }
  return curve;
}

}  // namespace rec
