#include "metrics/off_policy.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "base/rng.h"
#include "metrics/ratio.h"

namespace rec::off_policy_test {

namespace {

constexpr double kNoClip = std::numeric_limits<double>::infinity();

double value_of(PolicyTerm (*metric)(const PolicyRow&), const std::vector<PolicyRow>& rows) {
  double part = 0.0;
  double whole = 0.0;
  for (const PolicyRow& row : rows) {
    part += metric(row).part;
    whole += metric(row).whole;
  }
  return part / whole;
}

}  // namespace

TEST_CASE("every estimator by hand") {
  // Weights 2 and 1/2; rewards 1 and 3.
  const std::vector<PolicyRow> rows{{1, importance_weight(0.25, 0.5, kNoClip), 0.5, 0.8},
                                    {3, importance_weight(0.5, 0.25, kNoClip), 2.0, 1.0}};
  CHECK(value_of(logged, rows) == 2.0);
  CHECK(value_of(ips, rows) == doctest::Approx((2.0 + 1.5) / 2.0));
  CHECK(value_of(snips, rows) == doctest::Approx(3.5 / 2.5));
  CHECK(value_of(dm, rows) == doctest::Approx(0.9));
  CHECK(value_of(dr, rows) == doctest::Approx((0.8 + 2.0 * 0.5 + 1.0 + 0.5 * 1.0) / 2.0));
}

TEST_CASE("large weights: switched off, shrunk, normalised, by hand") {
  const WeightLimits limits{.switch_weight = 1.0, .shrinkage = 4.0};
  // Weights 2 and 1/2; rewards 1 and 3.
  const std::vector<PolicyRow> rows{policy_row(1, 0.25, 0.5, limits, 0.5, 0.8),
                                    policy_row(3, 0.5, 0.25, limits, 2.0, 1.0)};
  CHECK(rows[0].switched == 0.0);
  CHECK(rows[1].switched == 0.5);
  CHECK(rows[0].shrunk == doctest::Approx(4.0 * 2.0 / (4.0 + 4.0)));
  CHECK(value_of(switch_dr, rows) == doctest::Approx((0.8 + 1.0 + 0.5 * 1.0) / 2.0));
  CHECK(value_of(dros, rows) == doctest::Approx((0.8 + 1.0 * 0.5 + 1.0 + 2.0 / 4.25 * 1.0) / 2.0));
  CHECK(value_of(dm, rows) + value_of(sndr_correction, rows) == doctest::Approx(0.9 + (2.0 * 0.5 + 0.5) / 2.5));
  // A weight at the threshold counts; without limits both are dr.
  CHECK(policy_row(1, 0.25, 0.5, {.switch_weight = 2.0}, 0, 0).switched == 2.0);
  const PolicyRow free = policy_row(1, 0.25, 0.5, {}, 0.5, 0.8);
  CHECK(switch_dr(free).part == dr(free).part);
  CHECK(dros(free).part == dr(free).part);
  // Both see the clipped weight; one beyond the range of double is switched off, and shrunk to nothing.
  CHECK(policy_row(1, 0.25, 0.5, {.clip = 1.5, .switch_weight = 1.5}, 0, 0).switched == 1.5);
  const PolicyRow beyond = policy_row(1.0, 1e-320, 1.0, limits, 0.5, 0.25);
  CHECK(std::ldexp(switch_dr(beyond).part, switch_dr(beyond).part_exponent) == 0.25);
  CHECK(std::ldexp(dros(beyond).part, dros(beyond).part_exponent) == 0.25);
  const PolicyRow tiny = policy_row(1.0, 1.0, 1e-320, limits, 0.5, 0.25);
  CHECK(std::ldexp(dros(tiny).part, dros(tiny).part_exponent) == 0.25);
}

TEST_CASE("weights are clipped; the effective sample size is Kish's") {
  CHECK(importance_weight(0.1, 0.9, 5.0) == 5.0);
  CHECK(importance_weight(0.5, 0.0, 5.0) == 0.0);
  EffectiveSize size;
  for (const double weight : {1.0, 1.0, 2.0}) size.add(weight);
  CHECK(size.value() == doctest::Approx(16.0 / 6.0));
  CHECK(size.mean(1) == 4.0);
  CHECK(std::isnan(EffectiveSize{}.value()));
}

TEST_CASE("a simulated log whose value is known: all estimators are within four standard errors, dr varies least") {
  // Two contexts of probability 1/2, three items; rewards 0 or 1.
  constexpr std::array<std::array<double, 3>, 2> kReward{{{0.1, 0.5, 0.3}, {0.6, 0.2, 0.1}}};
  constexpr std::array<std::array<double, 3>, 2> kLogging{{{0.6, 0.2, 0.2}, {0.2, 0.4, 0.4}}};
  constexpr std::array<std::array<double, 3>, 2> kTarget{{{0.1, 0.8, 0.1}, {0.7, 0.2, 0.1}}};
  double value = 0.0;
  double logging_value = 0.0;
  std::array<double, 2> expected{};  // of a model that is right
  for (size_t context = 0; context < 2; ++context) {
    for (size_t item = 0; item < 3; ++item) {
      expected[context] += kTarget[context][item] * kReward[context][item];
      logging_value += 0.5 * kLogging[context][item] * kReward[context][item];
    }
    value += 0.5 * expected[context];
  }
  CHECK(value == doctest::Approx(0.5 * 0.44 + 0.5 * 0.47));
  constexpr size_t kRows = 20000;
  for (const bool model_is_right : {true, false}) {
    Rng rng(model_is_right ? 1 : 2);
    std::vector<PolicyRow> rows;
    for (size_t row = 0; row < kRows; ++row) {
      const size_t context = rng.below(2);
      const double draw = rng.uniform();
      const auto& logging = kLogging[context];
      const size_t item = draw < logging[0] ? 0 : draw < logging[0] + logging[1] ? 1 : 2;
      const double reward = rng.uniform() < kReward[context][item] ? 1.0 : 0.0;
      const double weight = importance_weight(logging[item], kTarget[context][item], kNoClip);
      rows.push_back(
          {reward, weight, model_is_right ? kReward[context][item] : 0.9, model_is_right ? expected[context] : 0.9});
    }
    const auto estimate = [&rows](PolicyTerm (*metric)(const PolicyRow&)) {
      std::vector<double> part;
      std::vector<double> whole;
      for (const PolicyRow& row : rows) {
        part.push_back(metric(row).part);
        whole.push_back(metric(row).whole);
      }
      return estimate_ratio(part, whole);
    };
    for (const auto metric : {ips, snips, dr}) {
      const RatioEstimate result = estimate(metric);
      CHECK(std::fabs(result.value - value) < 4.0 * std::sqrt(result.variance));
      CHECK(result.variance > 0.0);
    }
    CHECK(std::fabs(estimate(logged).value - logging_value) < 4.0 * std::sqrt(estimate(logged).variance));
    if (model_is_right) {
      CHECK(estimate(dm).value == doctest::Approx(value).epsilon(0.01));
      CHECK(estimate(dr).variance < 0.7 * estimate(ips).variance);
    } else {
      CHECK(estimate(dm).value == doctest::Approx(0.9));  // a wrong model, believed
    }
  }
}

TEST_CASE("importance weights and rewards near the ends of double's range") {
  // w = 1e320 and 1: ips is beyond the range, snips is not.
  ScaledSums part;
  ScaledSums whole;
  part.resize(1);
  whole.resize(1);
  EffectiveSize size;
  const double propensities[] = {1e-320, 0.5};
  const double rewards[] = {1.0, 1.0};
  for (size_t row = 0; row < 2; ++row) {
    const PolicyRow values = policy_row(rewards[row], propensities[row], row == 0 ? 1.0 : 0.5, {}, 0, 0);
    const PolicyTerm term = snips(values);
    part.add(0, term.part, term.part_exponent);
    whole.add(0, term.whole, term.whole_exponent);
    size.add(values.weight, values.weight_exponent);
  }
  CHECK(estimate_ratio(part.sums(), whole.sums(), part.exponent(), whole.exponent()).value == 1.0);
  CHECK(std::isinf(estimate_ratio(part.sums(), std::vector<double>{2.0}, part.exponent()).value));
  CHECK(size.value() == 1.0);
  CHECK(std::isinf(size.mean(2)));
  // Clipped, it is an ordinary weight; all terms agree with those of ordinary rows.
  const PolicyRow clipped = policy_row(2.0, 1e-320, 1.0, {.clip = 3.0}, 1.0, 0.5);
  CHECK(std::ldexp(dr(clipped).part, dr(clipped).part_exponent) == 0.5 + 3.0 * (2.0 - 1.0));
  CHECK(std::ldexp(ips(clipped).part, ips(clipped).part_exponent) == 6.0);
  CHECK(std::ldexp(logged(clipped).part, logged(clipped).part_exponent) == 2.0);
  CHECK(std::ldexp(dm(clipped).part, dm(clipped).part_exponent) == 0.5);
}

}  // namespace rec::off_policy_test
