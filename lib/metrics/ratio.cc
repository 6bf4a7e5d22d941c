#include "metrics/ratio.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "metrics/compensated_sum.h"
#include "metrics/distributions.h"

namespace rec {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

Interval around(double value, double half) { return {value - half, value + half}; }

}  // namespace

RatioEstimate estimate_ratio(std::span<const double> x, std::span<const double> y) {
  CompensatedSum x_sum;
  CompensatedSum y_sum;
  size_t counted = 0;
  for (size_t unit = 0; unit < x.size(); ++unit) {
    x_sum.add(x[unit]);
    y_sum.add(y[unit]);
    counted += x[unit] != 0.0 || y[unit] != 0.0;
  }
  const double units = static_cast<double>(counted);
  RatioEstimate estimate{kUndefined, kUndefined, units - 1.0};
  if (y_sum.value() == 0.0) return estimate;
  estimate.value = x_sum.value() / y_sum.value();
  if (counted < 2) return estimate;
  CompensatedSum squares;
  for (size_t unit = 0; unit < x.size(); ++unit) {
    const double residual = x[unit] - estimate.value * y[unit];
    squares.add(residual * residual);
  }
  estimate.variance = units / (units - 1.0) * squares.value() / (y_sum.value() * y_sum.value());
  return estimate;
}

Interval ratio_interval(const RatioEstimate& estimate, double confidence) {
  return around(estimate.value,
                student_quantile_two_sided(confidence, estimate.freedom) * std::sqrt(estimate.variance));
}

RatioComparison compare_ratios(const RatioEstimate& control, const RatioEstimate& treatment, double confidence) {
  RatioComparison result{};
  const double variance = control.variance + treatment.variance;
  result.difference = treatment.value - control.value;
  result.freedom = std::min(control.freedom, treatment.freedom);  // where there is no variance at all
  if (variance > 0.0) {
    result.freedom = variance * variance /
                     (control.variance * control.variance / control.freedom +
                      treatment.variance * treatment.variance / treatment.freedom);
  }
  const double error = std::sqrt(variance);
  result.t = result.difference / error;
  result.p = student_p_two_sided(result.t, result.freedom);
  const double t = student_quantile_two_sided(confidence, result.freedom);
  result.difference_interval = around(result.difference, t * error);
  result.quotient = control.value != 0.0 ? treatment.value / control.value : kUndefined;
  result.quotient_interval = {kUndefined, kUndefined};
  if (control.value > 0.0 && treatment.value > 0.0) {
    const double log_error = std::sqrt(control.variance / (control.value * control.value) +
                                       treatment.variance / (treatment.value * treatment.value));
    const double factor = std::exp(t * log_error);
    result.quotient_interval = {result.quotient / factor, result.quotient * factor};
  }
  return result;
}

}  // namespace rec
