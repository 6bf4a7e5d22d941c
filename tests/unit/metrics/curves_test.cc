#include "metrics/curves.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/rng.h"

namespace rec::curves_test {

TEST_CASE("calibration bins by hand, with weights and an empty bin") {
  const Predictions rows{{1, 0, 1, 1}, {0.1, 0.3, 0.9, 1.0}, {1, 3, 1, 1}, {}};
  const auto curve = calibration_curve(rows, 4);
  REQUIRE(curve.size() == 4);
  CHECK(curve[0].low == 0.0);
  CHECK(curve[0].high == 0.25);
  CHECK(curve[0].rows == 1);
  CHECK(curve[0].mean_label == 1.0);
  CHECK(curve[1].weight == 3.0);
  CHECK(curve[1].mean_prediction == doctest::Approx(0.3));
  CHECK(curve[2].rows == 0);
  CHECK(std::isnan(curve[2].mean_label));
  CHECK(curve[3].rows == 2);  // 1.0 is in the last bin
  CHECK(curve[3].mean_prediction == doctest::Approx(0.95));
}

TEST_CASE("the ROC curve by hand: a tie is one step") {
  const auto curve = roc_curve({{1, 0, 1, 0}, {0.9, 0.5, 0.5, 0.1}, {}, {}}, 1000);
  REQUIRE(curve.size() == 4);
  CHECK(curve[1].false_positive_rate == 0.0);
  CHECK(curve[1].true_positive_rate == 0.5);
  CHECK(curve[2].false_positive_rate == 0.5);
  CHECK(curve[2].true_positive_rate == 1.0);
  CHECK(curve[3].false_positive_rate == 1.0);
  CHECK(roc_curve({{1, 1}, {0.9, 0.5}, {}, {}}, 10).empty());
}

TEST_CASE("the area below it is auc, and thinned it stays near") {
  Rng rng(5);
  Predictions rows;
  for (int row = 0; row < 5000; ++row) {
    rows.prediction.push_back(rng.uniform());
    rows.label.push_back(rng.uniform() < rows.prediction.back() ? 1.0 : 0.0);
    rows.weight.push_back(1.0 + rng.uniform());
  }
  const auto area = [](const std::vector<RocPoint>& curve) {
    double sum = 0.0;
    for (size_t at = 1; at < curve.size(); ++at) {
      sum += (curve[at].false_positive_rate - curve[at - 1].false_positive_rate) * 0.5 *
             (curve[at].true_positive_rate + curve[at - 1].true_positive_rate);
    }
    return sum;
  };
  CHECK(area(roc_curve(rows, 1'000'000'000)) == doctest::Approx(auc(rows)).epsilon(1e-12));
  const auto thin = roc_curve(rows, 100);
  CHECK(thin.size() < 250);
  CHECK(area(thin) == doctest::Approx(auc(rows)).epsilon(0.01));
}

}  // namespace rec::curves_test
