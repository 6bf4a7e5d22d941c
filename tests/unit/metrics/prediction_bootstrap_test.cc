#include "metrics/prediction_bootstrap.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/rng.h"

namespace rec::prediction_bootstrap_test {

namespace {

Predictions simulated(size_t rows, size_t users, bool weights) {
  Rng rng(11);
  Predictions predictions;
  for (size_t row = 0; row < rows; ++row) {
    const double p = static_cast<double>(1 + rng.below(19)) / 20.0;  // with ties
    predictions.prediction.push_back(p);
    predictions.label.push_back(rng.uniform() < p ? 1.0 : 0.0);
    if (weights) predictions.weight.push_back(static_cast<double>(1 + rng.below(3)));
    if (users > 0) predictions.user.push_back(static_cast<uint32_t>(row < users ? row : rng.below(users)));
  }
  return predictions;
}

// The slow twin: the rows themselves, reweighted, through the metric's own function.
std::vector<Interval> slow(const Predictions& rows, std::span<const Metric> metrics, const BootstrapOptions& options,
                           size_t units) {
  std::vector<Interval> intervals;
  for (const Metric& metric : metrics) {
    std::vector<double> values;
    std::vector<uint16_t> counts(units);
    for (uint32_t resample = 0; resample < options.resamples; ++resample) {
      resample_counts(options.seed, 0, resample, counts);
      Predictions drawn = rows;
      drawn.weight.resize(rows.label.size());
      for (size_t row = 0; row < rows.label.size(); ++row) {
        const double weight = rows.weight.empty() ? 1.0 : rows.weight[row];
        drawn.weight[row] = weight * counts[rows.user.empty() ? row : rows.user[row]];
      }
      values.push_back(metric.info->prediction(drawn, metric.parameter));
    }
    intervals.push_back(percentile_interval(values, options.confidence));
  }
  return intervals;
}

}  // namespace

TEST_CASE("every metric equals its slow twin, with and without users and weights") {
  const BootstrapOptions options{.resamples = 200, .seed = 3, .confidence = 0.9};
  for (const size_t users : {0, 40}) {
    for (const bool weights : {false, true}) {
      const Predictions rows = simulated(300, users, weights);
      const std::vector<std::string> names{users > 0 ? "auc,gauc,logloss,rmse,mse,mae,ece,ece@4,calibration"
                                                     : "auc,logloss,rmse,mse,mae,ece,ece@4,calibration"};
      const std::vector<Metric> metrics = parse_metrics(names);
      const std::vector<Interval> fast = bootstrap_predictions(rows, metrics, options, 2);
      const std::vector<Interval> twin = slow(rows, metrics, options, users > 0 ? users : 300);
      for (size_t metric = 0; metric < metrics.size(); ++metric) {
        CAPTURE(metrics[metric].name);
        CHECK(fast[metric].low == doctest::Approx(twin[metric].low).epsilon(1e-12));
        CHECK(fast[metric].high == doctest::Approx(twin[metric].high).epsilon(1e-12));
        CHECK(fast[metric].low < fast[metric].high);
      }
    }
  }
}

TEST_CASE("resamples that leave auc undefined are left out") {
  const Predictions rows{{1, 0}, {0.9, 0.1}, {}, {}};
  const std::vector<std::string> auc_only{"auc"};
  const auto intervals = bootstrap_predictions(rows, parse_metrics(auc_only), {.resamples = 50}, 1);
  CHECK(std::isnan(intervals[0].low));  // all others are 1
  CHECK(std::isnan(intervals[0].high));
  const Predictions one_label{{1, 1}, {0.9, 0.1}, {}, {}};
  CHECK(std::isnan(bootstrap_predictions(one_label, parse_metrics(auc_only), {.resamples = 50}, 1)[0].low));
}

}  // namespace rec::prediction_bootstrap_test
