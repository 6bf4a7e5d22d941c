// The bootstrap of many means at once: U users drawn with replacement, all
// metrics on the same draws. Symbols: U users, M metrics, R resamples.
// Thread rule: pure functions; results are the same for every number of threads.
#pragma once

#include <span>
#include <vector>

#include "metrics/bootstrap.h"

namespace rec {

// The bias-corrected and accelerated interval (BCa; Efron 1987, "Better Bootstrap
// Confidence Intervals") of each metric's mean. values: U × M, user by user; NaN is
// no value: a mean is over the users that have one. The acceleration is a sixth of
// the skewness of the mean, which the jackknife of a mean comes to.
// Where all values are equal, or there are none, it is NaN: they say nothing of the error.
// Cost: R · U · M multiplications, R · U draws. REQUIRES: M >= 1, options.resamples >= 1.
std::vector<Interval> bootstrap_means(std::span<const double> values, size_t metrics, const BootstrapOptions& options,
                                      int threads);

}  // namespace rec
