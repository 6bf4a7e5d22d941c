// Tests of paired differences: is one ranking better than another on the same
// users? Symbols: U users, C columns (comparisons). All are two-sided. NaN is no
// pair and left out. A column without a difference that is not 0 has p = 1.
// Thread rule: pure functions; results are the same for every number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rec {

// Sizes of differences that are nearer than this share of the larger are equal: what
// sums in another order leave decides nothing.
inline constexpr double kEqualDifferences = 1e-12;

// Student's paired t-test: t = mean / (sd / sqrt(n)) with n - 1 degrees of freedom,
// sd with n - 1 in its denominator; scipy ttest_rel. NaN where n < 2; 0 where all
// differences are equal (kEqualDifferences), but not 0.
double paired_t_p(std::span<const double> differences);

// Wilcoxon's signed-rank test (Wilcoxon 1945): differences of 0 are dropped, equal
// sizes share their mean rank. Exact, over all choices of signs of these ranks, for up
// to 50 differences that are not 0; else the normal approximation, its variance
// corrected for equal sizes, without a continuity correction: scipy
// wilcoxon(zero_method="wilcox", correction=False), method "exact" without equal sizes,
// a permutation of all signs with them, or "approx".
double wilcoxon_p(std::span<const double> differences);

// Fisher's randomisation test: under the null hypothesis the sign of each
// difference is a coin. The share of sign choices whose |sum| is at least that
// observed: of all 2^n for n differences that are not 0, where these are at most
// `permutations`; else of that many drawn ones and the observed, (1 + hits) / (1 +
// permutations). differences: U × C, user by user; a draw flips a user's signs in
// all columns alike. Returns C values. REQUIRES: permutations >= 1, C >= 1.
std::vector<double> permutation_p(std::span<const double> differences, size_t columns, uint32_t permutations,
                                  uint64_t seed, int threads);

}  // namespace rec
