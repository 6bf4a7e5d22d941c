// What Gaussian noise gives away: (epsilon, delta) of releases whose noise has a deviation
// of `multiplier` times their sensitivity. Releases without subsampling compose to one
// Gaussian with mu² = Σ 1/multiplier² (Dong, Roth and Su 2019, arXiv:1905.02383), and
//   delta(epsilon) = Φ(mu/2 - epsilon/mu) - e^epsilon Φ(-mu/2 - epsilon/mu)
// (Balle and Wang 2018, arXiv:1805.06530). The multiplier may be chosen after earlier
// results. Thread-safe.
#pragma once

#include <span>

namespace rec {

inline constexpr double kMaxEpsilon = 20.0;
// Below it what the grid of the noise adds to delta (privacy/private_sums.h) would count.
inline constexpr double kLeastDelta = 1e-10;

// delta of mu > 0 at epsilon >= 0.
double gaussian_delta(double mu, double epsilon);

// The least epsilon at delta, in (0, 1), rounded up by less than 1e-9 of itself.
double gaussian_epsilon(double mu, double delta);

// The greatest mu that is (epsilon, delta)-private, rounded down by less than 1e-9 of
// itself. REQUIRES: 0 < epsilon <= kMaxEpsilon; 0 < delta < 1.
double gaussian_mu(double epsilon, double delta);

// mu of all releases together; multipliers above 0.
double composed_mu(std::span<const double> multipliers);

// The multiplier m so that releases with multipliers m·relative[0], m·relative[1], ... are (epsilon, delta)-private
// together.
double noise_multiplier(double epsilon, double delta, std::span<const double> relative);

// The multiplier of each of `releases` that are (epsilon, delta)-private together.
double noise_multiplier(double epsilon, double delta, int releases = 1);

}  // namespace rec
