#include "metrics/predictions.h"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

namespace rec::predictions_test {

TEST_CASE("auc counts pairs, a tie is half") {
  // Pairs (1 against 0): .8>.3, .8>.5, .5>.3, .5=.5: 3.5 of 4.
  CHECK(auc({{1, 1, 0, 0}, {0.8, 0.5, 0.3, 0.5}, {}, {}}) == 0.875);
  CHECK(auc({{1, 0}, {0.9, 0.1}, {}, {}}) == 1.0);
  CHECK(auc({{1, 0}, {0.1, 0.9}, {}, {}}) == 0.0);
}

TEST_CASE("auc of a constant is one half") { CHECK(auc({{1, 0, 0, 1, 0}, {7, 7, 7, 7, 7}, {}, {}}) == 0.5); }

TEST_CASE("auc: a weight of 2 is a row written twice") {
  const double twice = auc({{1, 1, 1, 0, 0}, {0.8, 0.2, 0.2, 0.3, 0.1}, {}, {}});
  CHECK(auc({{1, 1, 0, 0}, {0.8, 0.2, 0.3, 0.1}, {1, 2, 1, 1}, {}}) == doctest::Approx(twice));
}

TEST_CASE("auc is undefined for one label, and where one has no weight") {
  CHECK(std::isnan(auc({})));
  CHECK(std::isnan(auc({{1, 1}, {0.2, 0.4}, {}, {}})));
  CHECK(std::isnan(auc({{1, 0}, {0.2, 0.4}, {1, 0}, {}})));
}

TEST_CASE("gauc weighs users by their rows and leaves out those of one label") {
  // User 0: auc 1, 2 rows. User 1: auc 1/2 (0.5 on each side), 3 rows. User 2: one label.
  const Predictions rows{{1, 0, 1, 0, 0, 1}, {0.9, 0.1, 0.5, 0.7, 0.3, 0.2}, {}, {0, 0, 1, 1, 1, 2}};
  const GroupedAuc result = gauc(rows);
  CHECK(result.value == doctest::Approx((2.0 * 1.0 + 3.0 * 0.5) / 5.0));
  CHECK(result.users == 2);
  CHECK(result.users_left_out == 1);
}

TEST_CASE("gauc does not depend on the order of the rows of different users") {
  const Predictions rows{{0, 1, 1, 0, 1, 0}, {0.7, 0.9, 0.5, 0.1, 0.2, 0.3}, {}, {1, 0, 1, 0, 2, 1}};
  CHECK(gauc(rows).value == doctest::Approx(0.7));
  CHECK(std::isnan(gauc({}).value));
}

TEST_CASE("logloss") {
  CHECK(logloss({{1, 0}, {0.8, 0.4}, {}, {}}) == doctest::Approx(-(std::log(0.8) + std::log(0.6)) / 2.0));
  CHECK(logloss({{1, 0}, {0.8, 0.4}, {3, 1}, {}}) == doctest::Approx(-(3.0 * std::log(0.8) + std::log(0.6)) / 4.0));
  CHECK(logloss({{0.25}, {0.5}, {}, {}}) == doctest::Approx(std::log(2.0)));
}

TEST_CASE("logloss clips certain predictions") {
  CHECK(logloss({{1}, {0.0}, {}, {}}) == doctest::Approx(-std::log(1e-15)));
  CHECK(logloss({{0}, {1.0}, {}, {}}) == doctest::Approx(-std::log(1e-15)).epsilon(1e-2));
  CHECK(logloss({{1, 0}, {1.0, 0.0}, {}, {}}) == doctest::Approx(0.0));
}

TEST_CASE("squared and absolute errors") {
  const Predictions rows{{1, 2, 3}, {2, 2, 5}, {}, {}};
  CHECK(mse(rows) == doctest::Approx(5.0 / 3.0));
  CHECK(rmse(rows) == doctest::Approx(std::sqrt(5.0 / 3.0)));
  CHECK(mae(rows) == 1.0);
  const Predictions weighted{{1, 2, 3}, {2, 2, 5}, {2, 1, 1}, {}};
  CHECK(mse(weighted) == 1.5);
  CHECK(mae(weighted) == 1.0);
}

TEST_CASE("no rows and no weight are undefined") {
  CHECK(std::isnan(mse({})));
  CHECK(std::isnan(logloss({{1}, {0.5}, {0}, {}})));
  CHECK(std::isnan(ece({})));
  CHECK(std::isnan(calibration({{0, 0}, {0.5, 0.5}, {}, {}})));
}

TEST_CASE("ece and calibration") {
  // Bin [.2, .3): mean p .25, mean y .5; bin [.9, 1]: mean p .95, mean y 1.
  const Predictions rows{{0, 1, 1, 1}, {0.22, 0.28, 0.9, 1.0}, {}, {}};
  CHECK(ece(rows) == doctest::Approx(0.5 * 0.25 + 0.5 * 0.05));
  CHECK(ece(rows, 1) == doctest::Approx(0.75 - 0.6));
  CHECK(calibration(rows) == doctest::Approx(2.4 / 3.0));
}

TEST_CASE("labels, predictions and weights near the ends of double's range have their value") {
  const Predictions plain{{1, 0, 1, 0}, {1.5, -1, 0.5, 2}, {1, 2, 3, 4}, {}};
  for (const int up : {1022, -1070, 500, -500}) {
    Predictions rows = plain;
    for (double& weight : rows.weight) weight = std::ldexp(weight, std::min(up, 1021));
    CHECK(auc(rows) == auc(plain));
    CHECK(rmse(rows) == rmse(plain));
    CHECK(mae(rows) == mae(plain));
    CHECK(calibration(rows) == calibration(plain));
  }
  for (const int up : {1022, -1000}) {
    Predictions rows = plain;
    for (double& label : rows.label) label = std::ldexp(label, up);
    for (double& prediction : rows.prediction) prediction = std::ldexp(prediction, up);
    CHECK(rmse(rows) == std::ldexp(rmse(plain), up));
    CHECK(mae(rows) == std::ldexp(mae(plain), up));
    CHECK(calibration(rows) == calibration(plain));
  }
  // Each label's weights by themselves: 1e308 beside 1e-320.
  Predictions mixed = plain;
  mixed.weight = {1e308, 1e-320, 1.5e308, 2e-320};
  CHECK(auc(mixed) == doctest::Approx(auc({plain.label, plain.prediction, {1, 1, 1.5, 2}, {}})));
  // Beyond the range a metric is infinite, not undefined.
  CHECK(std::isinf(mse({{1e300}, {-1e300}, {}, {}})));
  CHECK(rmse({{1, 0, 1}, {1e308, -1e308, 1e308}, {}, {}}) == doctest::Approx(1e308));
}

}  // namespace rec::predictions_test
