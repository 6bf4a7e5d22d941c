// The distributions that tests and intervals need, from Eigen's incomplete gamma
// and beta functions (Cephes). Relative error below 1e-11, in the tails too; with
// degrees of freedom it grows, to 1e-9 at a million.
// NaN arguments give NaN. Thread rule: pure functions.
#pragma once

#include <cstdint>

namespace rec {

// z with P(|Z| <= z) = confidence for a standard normal Z. REQUIRES: confidence in (0, 1).
double normal_quantile_two_sided(double confidence);
// P(|Z| >= |z|).
double normal_p_two_sided(double z);

// t with P(|T| <= t) = confidence for Student's T of `freedom` > 0 degrees of
// freedom, which need not be whole. REQUIRES: confidence in (0, 1).
double student_quantile_two_sided(double confidence, double freedom);
// P(|T| >= |t|).
double student_p_two_sided(double t, double freedom);

// P(X >= x) for chi-square X of `freedom` > 0 degrees of freedom.
double chi_square_p(double x, double freedom);

// The exact two-sided binomial test of probability 1/2: the chance of a split of
// `trials` at least as uneven as this one. 1 without trials. REQUIRES: successes <= trials.
double sign_test_p(uint64_t successes, uint64_t trials);

}  // namespace rec
