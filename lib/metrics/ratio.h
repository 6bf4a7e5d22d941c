// A ratio of sums over independent units, with the delta method: clicks over
// impressions with users as units, whose own impressions are not independent
// (Deng, Knoblich and Lu 2018, "Applying the Delta Method in Metric Analytics").
// A mean is the ratio with y = 1. Symbols: U units, not counting those with x = 0
// and y = 0, which say nothing. Thread rule: pure functions.
#pragma once

#include <span>

#include "metrics/bootstrap.h"

namespace rec {

struct RatioEstimate {
  double value;      // R = Σx / Σy; NaN where Σy = 0, infinite where it is beyond the range of double
  double variance;   // of R / 2^exponent: U/(U-1) Σ (x - R y)² / (Σy)²; NaN below 2 units
  double freedom;    // U - 1
  double scaled;     // R / 2^exponent
  int exponent = 0;  // not 0 where x or y are near the ends of that range (scaling.h)
};

// x is given / 2^x_exponent, y / 2^y_exponent. REQUIRES: equal sizes. Sums are
// compensated, in the order of the units.
RatioEstimate estimate_ratio(std::span<const double> x, std::span<const double> y, int x_exponent = 0,
                             int y_exponent = 0);

// R1 + R2 of the same units, by their joint residuals (x1 - R1 y1) / Σy1 + (x2 - R2 y2) / Σy2: the ratios depend on
// each other. Exponents as above, of x1, y1, x2, y2.
struct RatioPart {
  std::span<const double> x;
  std::span<const double> y;
  int x_exponent = 0;
  int y_exponent = 0;
};
RatioEstimate estimate_ratio_sum(const RatioPart& first, const RatioPart& second);

// R ± t·sqrt(variance), t of Student's distribution with U - 1 degrees of
// freedom. With y = 1 it is the t interval of a mean. NaN below 2 units and where
// all of them have the same ratio: a variance of 0 says nothing of the error.
Interval ratio_interval(const RatioEstimate& estimate, double confidence);

// Two independent groups of units. Undefined parts are NaN: intervals, t and p where
// neither group has any variance.
struct RatioComparison {
  double difference;  // treatment - control
  Interval difference_interval;
  double quotient;             // treatment / control
  Interval quotient_interval;  // symmetric in log quotient; NaN unless both are > 0
  double t;                    // difference / its standard error
  double freedom;              // Welch and Satterthwaite's
  double p;                    // two-sided, of no difference
};
RatioComparison compare_ratios(const RatioEstimate& control, const RatioEstimate& treatment, double confidence);

}  // namespace rec
