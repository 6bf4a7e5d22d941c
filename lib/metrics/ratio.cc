#include "metrics/ratio.h"

#include <algorithm>
#include <cmath>

#include "metrics/compensated_sum.h"
#include "metrics/distributions.h"
#include "metrics/scaling.h"
#include "metrics/undefined.h"

namespace rec {
namespace {

double largest(std::span<const double> values) {
  double most = 0.0;
  for (const double value : values) most = std::max(most, std::fabs(value));
  return most;
}

Interval around(double value, double half) { return {value - half, value + half}; }

}  // namespace

RatioEstimate estimate_ratio(std::span<const double> x, std::span<const double> y, int x_exponent, int y_exponent) {
  const int x_down = scaling_exponent(largest(x));
  const int y_down = scaling_exponent(largest(y));
  CompensatedSum x_sum;
  CompensatedSum y_sum;
  size_t counted = 0;
  for (size_t unit = 0; unit < x.size(); ++unit) {
    x_sum.add(scaled_down(x[unit], x_down));
    y_sum.add(scaled_down(y[unit], y_down));
    counted += x[unit] != 0.0 || y[unit] != 0.0;
  }
  const double units = static_cast<double>(counted);
  RatioEstimate estimate{kUndefined, kUndefined, units - 1.0, kUndefined};
  if (y_sum.value() == 0.0) return estimate;
  estimate.scaled = x_sum.value() / y_sum.value();
  estimate.exponent = x_down + x_exponent - y_down - y_exponent;
  estimate.value = scaled_up(estimate.scaled, estimate.exponent);
  if (counted < 2) return estimate;
  CompensatedSum squares;
  for (size_t unit = 0; unit < x.size(); ++unit) {
    const double residual = scaled_down(x[unit], x_down) - estimate.scaled * scaled_down(y[unit], y_down);
    squares.add(residual * residual);
  }
  estimate.variance = units / (units - 1.0) * squares.value() / (y_sum.value() * y_sum.value());
  return estimate;
}

RatioEstimate estimate_ratio_sum(const RatioPart& first, const RatioPart& second) {
  const RatioPart* parts[] = {&first, &second};
  struct Scaled {
    int x_down, y_down;
    double ratio, y_sum;
    int exponent;
  };
  Scaled scaled[2];
  for (size_t part = 0; part < 2; ++part) {
    const RatioPart& its = *parts[part];
    const int x_down = scaling_exponent(largest(its.x));
    const int y_down = scaling_exponent(largest(its.y));
    CompensatedSum x_sum;
    CompensatedSum y_sum;
    for (const double value : its.x) x_sum.add(scaled_down(value, x_down));
    for (const double value : its.y) y_sum.add(scaled_down(value, y_down));
    const double ratio = y_sum.value() == 0.0 ? kUndefined : x_sum.value() / y_sum.value();
    scaled[part] = {x_down, y_down, ratio, y_sum.value(), x_down + its.x_exponent - y_down - its.y_exponent};
  }
  size_t counted = 0;
  for (size_t unit = 0; unit < first.x.size(); ++unit) {
    counted += first.x[unit] != 0.0 || first.y[unit] != 0.0 || second.x[unit] != 0.0 || second.y[unit] != 0.0;
  }
  const double units = static_cast<double>(counted);
  RatioEstimate estimate{kUndefined, kUndefined, units - 1.0, kUndefined};
  estimate.exponent = std::max(scaled[0].exponent, scaled[1].exponent);
  const auto in_unit = [&](double value, const Scaled& its) {
    return scaled_up(value, its.exponent - estimate.exponent);
  };
  estimate.scaled = in_unit(scaled[0].ratio, scaled[0]) + in_unit(scaled[1].ratio, scaled[1]);
  if (std::isnan(estimate.scaled)) return estimate;
  estimate.value = scaled_up(estimate.scaled, estimate.exponent);
  if (counted < 2) return estimate;
  CompensatedSum squares;
  for (size_t unit = 0; unit < first.x.size(); ++unit) {
    double residual = 0.0;
    for (size_t part = 0; part < 2; ++part) {
      const Scaled& its = scaled[part];
      const double x = scaled_down(parts[part]->x[unit], its.x_down);
      const double y = scaled_down(parts[part]->y[unit], its.y_down);
      residual += in_unit((x - its.ratio * y) / its.y_sum, its);
    }
    squares.add(residual * residual);
  }
  estimate.variance = units / (units - 1.0) * squares.value();
  return estimate;
}

Interval ratio_interval(const RatioEstimate& estimate, double confidence) {
  if (estimate.variance == 0.0) return {kUndefined, kUndefined};
  const Interval interval =
      around(estimate.scaled, student_quantile_two_sided(confidence, estimate.freedom) * std::sqrt(estimate.variance));
  return {scaled_up(interval.low, estimate.exponent), scaled_up(interval.high, estimate.exponent)};
}

RatioComparison compare_ratios(const RatioEstimate& control, const RatioEstimate& treatment, double confidence) {
  RatioComparison result{};
  // In one unit, the larger of both.
  const int exponent = std::max(control.exponent, treatment.exponent);
  const auto variance_of = [exponent](const RatioEstimate& estimate) {
    return scaled_up(estimate.variance, 2 * (estimate.exponent - exponent));
  };
  const auto value_of = [exponent](const RatioEstimate& estimate) {
    return scaled_up(estimate.scaled, estimate.exponent - exponent);
  };
  const double variance = variance_of(control) + variance_of(treatment);
  const double difference = value_of(treatment) - value_of(control);
  result.difference = scaled_up(difference, exponent);
  result.freedom = kUndefined;
  if (variance > 0.0) {
    result.freedom = variance * variance /
                     (variance_of(control) * variance_of(control) / control.freedom +
                      variance_of(treatment) * variance_of(treatment) / treatment.freedom);
  }
  // Without any variance (no clicks at all) the data say nothing of the error.
  const double error = variance > 0.0 ? std::sqrt(variance) : kUndefined;
  result.t = difference / error;
  result.p = student_p_two_sided(result.t, result.freedom);
  const double t = student_quantile_two_sided(confidence, result.freedom);
  const Interval interval = around(difference, t * error);
  result.difference_interval = {scaled_up(interval.low, exponent), scaled_up(interval.high, exponent)};
  const int quotient_exponent = treatment.exponent - control.exponent;
  const double quotient = control.scaled != 0.0 ? treatment.scaled / control.scaled : kUndefined;
  result.quotient = scaled_up(quotient, quotient_exponent);
  result.quotient_interval = {kUndefined, kUndefined};
  if (control.scaled > 0.0 && treatment.scaled > 0.0) {
    const double log_error = std::sqrt(control.variance / (control.scaled * control.scaled) +
                                       treatment.variance / (treatment.scaled * treatment.scaled));
    const double factor = log_error > 0.0 ? std::exp(t * log_error) : kUndefined;
    result.quotient_interval = {scaled_up(quotient / factor, quotient_exponent),
                                scaled_up(quotient * factor, quotient_exponent)};
  }
  return result;
}

}  // namespace rec
