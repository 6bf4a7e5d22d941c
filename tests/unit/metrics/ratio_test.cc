#include "metrics/ratio.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "metrics/distributions.h"

namespace rec::ratio_test {

TEST_CASE("a ratio by hand") {
  // x = 1 2 0, y = 2 3 1: R = 1/2, residuals 0, 1/2, -1/2; the last unit does not count.
  const RatioEstimate estimate = estimate_ratio(std::vector<double>{1, 2, 0, 0}, std::vector<double>{2, 3, 1, 0});
  CHECK(estimate.value == 0.5);
  CHECK(estimate.variance == doctest::Approx(1.5 * 0.5 / 36.0));
  CHECK(estimate.freedom == 2.0);
  const Interval interval = ratio_interval(estimate, 0.95);
  CHECK(interval.low == doctest::Approx(0.5 - 4.302652729911275 * std::sqrt(0.75 / 36.0)));
  CHECK(interval.high == doctest::Approx(0.5 + 4.302652729911275 * std::sqrt(0.75 / 36.0)));
}

TEST_CASE("it is the delta method of the paper, written with covariances") {
  const std::vector<double> x{3, 0, 5, 1, 2, 2};
  const std::vector<double> y{7, 2, 9, 1, 8, 3};
  const double n = 6.0;
  double mx = 0, my = 0, xx = 0, xy = 0, yy = 0;
  for (size_t unit = 0; unit < x.size(); ++unit) {
    mx += x[unit] / n;
    my += y[unit] / n;
  }
  for (size_t unit = 0; unit < x.size(); ++unit) {
    xx += (x[unit] - mx) * (x[unit] - mx) / (n - 1);
    xy += (x[unit] - mx) * (y[unit] - my) / (n - 1);
    yy += (y[unit] - my) * (y[unit] - my) / (n - 1);
  }
  const double variance = (xx / (my * my) - 2 * mx * xy / (my * my * my) + mx * mx * yy / std::pow(my, 4)) / n;
  CHECK(estimate_ratio(x, y).variance == doctest::Approx(variance));
}

TEST_CASE("with y = 1 it is the t interval of a mean, and two of them Welch's test") {
  // scipy.stats.ttest_ind([2, 4, 5, 9], [1, 1, 3], equal_var=False)
  const RatioEstimate one = estimate_ratio(std::vector<double>{1, 1, 3}, std::vector<double>(3, 1.0));
  const RatioEstimate other = estimate_ratio(std::vector<double>{2, 4, 5, 9}, std::vector<double>(4, 1.0));
  CHECK(other.value == 5.0);
  CHECK(other.variance == doctest::Approx(26.0 / 3.0 / 4.0));
  const RatioComparison result = compare_ratios(one, other, 0.95);
  CHECK(result.difference == doctest::Approx(10.0 / 3.0));
  CHECK(result.t == doctest::Approx(2.0628424925175866));
  CHECK(result.freedom == doctest::Approx(4.0983302411873845));
  CHECK(result.p == doctest::Approx(0.10642798457625442));
  CHECK(result.quotient == doctest::Approx(3.0));
  // The interval and the test agree: at the confidence 1 - p an end is 0.
  CHECK(std::fabs(compare_ratios(one, other, 1.0 - result.p).difference_interval.low) < 1e-9);
}

TEST_CASE("the interval of the quotient is symmetric in logarithms, and holds the quotient") {
  const RatioEstimate control{0.1, 1e-4, 100, 0.1};
  const RatioEstimate treatment{0.2, 4e-4, 100, 0.2};
  const RatioComparison result = compare_ratios(control, treatment, 0.9);
  CHECK(result.quotient == doctest::Approx(2.0));
  CHECK(result.quotient_interval.low * result.quotient_interval.high == doctest::Approx(4.0));
  const double half = student_quantile_two_sided(0.9, result.freedom) * std::sqrt(0.01 + 0.01);
  CHECK(std::log(result.quotient_interval.high / 2.0) == doctest::Approx(half));
}

TEST_CASE("what is undefined is NaN: no whole, one unit, a control of 0, no variance") {
  CHECK(std::isnan(estimate_ratio(std::vector<double>{0, 0}, std::vector<double>{0, 0}).value));
  const RatioEstimate lone = estimate_ratio(std::vector<double>{1}, std::vector<double>{2});
  CHECK(lone.value == 0.5);
  CHECK(std::isnan(lone.variance));
  CHECK(std::isnan(ratio_interval(lone, 0.95).low));
  const RatioEstimate zero{0.0, 0.0, 9, 0.0};
  const RatioEstimate half{0.5, 0.0, 9, 0.5};
  CHECK(std::isnan(compare_ratios(zero, half, 0.95).quotient));
  CHECK(std::isnan(compare_ratios(zero, zero, 0.95).p));
  // Without any variance the data say nothing of the error.
  CHECK(compare_ratios(zero, half, 0.95).difference == 0.5);
  CHECK(std::isnan(compare_ratios(zero, half, 0.95).p));
  CHECK(std::isnan(compare_ratios(zero, half, 0.95).t));
  CHECK(std::isnan(compare_ratios(zero, half, 0.95).difference_interval.low));
  CHECK(std::isnan(ratio_interval(half, 0.95).low));
  CHECK(std::isnan(compare_ratios(half, lone, 0.95).p));
}

TEST_CASE("numbers near the ends of double's range have their ratio, and its error") {
  const std::vector<double> x{1, 2, 6};
  const std::vector<double> y{2, 3, 4};
  const RatioEstimate plain = estimate_ratio(x, y);
  for (const auto& [up, down] : {std::pair{1020, 0}, {1020, 1020}, {-1060, -1060}, {0, 1020}, {-600, 300}}) {
    std::vector<double> large_x;
    std::vector<double> large_y;
    for (size_t unit = 0; unit < x.size(); ++unit) {
      large_x.push_back(std::ldexp(x[unit], up));
      large_y.push_back(std::ldexp(y[unit], down));
    }
    const RatioEstimate estimate = estimate_ratio(large_x, large_y);
    CHECK(estimate.value == std::ldexp(plain.value, up - down));
    CHECK(ratio_interval(estimate, 0.95).high ==
          doctest::Approx(std::ldexp(ratio_interval(plain, 0.95).high, up - down)).epsilon(1e-14));
    const RatioComparison same = compare_ratios(estimate, estimate, 0.95);
    CHECK(same.difference == 0.0);
    CHECK(same.quotient == 1.0);
    CHECK(same.p == 1.0);
    CHECK(same.quotient_interval.high == doctest::Approx(compare_ratios(plain, plain, 0.95).quotient_interval.high));
  }
  // Beyond the range it is infinite, not undefined.
  CHECK(std::isinf(estimate_ratio(std::vector<double>{1e308}, std::vector<double>{1e-10}).value));
}

TEST_CASE("a sum of two ratios: the second with x = 0 changes nothing, the same twice doubles, else by leave-one-out") {
  const std::vector<double> x{3, 0, 5, 1, 2, 2};
  const std::vector<double> y{7, 2, 9, 1, 8, 3};
  const std::vector<double> none(6, 0.0);
  const std::vector<double> one(6, 1.0);
  const RatioEstimate alone = estimate_ratio(x, y);
  const RatioEstimate with_nothing = estimate_ratio_sum({x, y}, {none, one});
  CHECK(with_nothing.value == doctest::Approx(alone.value));
  CHECK(with_nothing.variance == doctest::Approx(alone.variance));
  CHECK(with_nothing.freedom == alone.freedom);
  const RatioEstimate twice = estimate_ratio_sum({x, y}, {x, y});
  CHECK(twice.value == doctest::Approx(2 * alone.value));
  CHECK(twice.variance == doctest::Approx(4 * alone.variance));
  // A ratio and its opposite: the joint residuals are 0, the sum of the variances is not.
  std::vector<double> minus;
  for (const double value : x) minus.push_back(-value);
  CHECK(estimate_ratio_sum({x, y}, {minus, y}).variance == 0.0);
  // The jackknife is near on many units.
  std::vector<double> a, b, c, d;
  for (int unit = 0; unit < 4000; ++unit) {
    a.push_back(std::sin(unit) + 2);
    b.push_back(std::cos(unit * 1.3) + 3);
    c.push_back(std::sin(unit * 0.7) * 2);
    d.push_back(std::cos(unit) * 0.5 + 1);
  }
  const RatioEstimate sum = estimate_ratio_sum({a, b}, {c, d});
  double sums[4] = {};
  for (size_t unit = 0; unit < 4000; ++unit) {
    sums[0] += a[unit];
    sums[1] += b[unit];
    sums[2] += c[unit];
    sums[3] += d[unit];
  }
  double jackknife = 0.0;
  for (size_t unit = 0; unit < 4000; ++unit) {
    const double value = (sums[0] - a[unit]) / (sums[1] - b[unit]) + (sums[2] - c[unit]) / (sums[3] - d[unit]);
    jackknife += (value - sum.value) * (value - sum.value) * 3999.0 / 4000.0;
  }
  CHECK(sum.variance == doctest::Approx(jackknife).epsilon(0.01));
  CHECK(std::isnan(estimate_ratio_sum({x, y}, {x, none}).value));
  // Scaled parts.
  const RatioEstimate scaled = estimate_ratio_sum({x, y, 2000, 2000}, {x, y, 3, 0});
  CHECK(scaled.value == doctest::Approx(9 * alone.value));
  CHECK(ratio_interval(scaled, 0.95).low == doctest::Approx(9 * ratio_interval(alone, 0.95).low));
}

}  // namespace rec::ratio_test
