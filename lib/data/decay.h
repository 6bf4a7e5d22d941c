// Time decay: what a row weighs by its age. Thread-safe: stateless.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace rec {

// For each timestamp t: 2^(-(now - t) / half_life), at least the least normal
// float, so that no row vanishes; a row later than `now` weighs 1. half_life is
// in the timestamps' own unit. Without `now` it is the newest timestamp.
// Throws UsageError unless half_life > 0 and both are finite.
std::vector<float> decay_weights(std::span<const double> timestamp, double half_life, std::optional<double> now);

// One such weight.
float decay_weight(double timestamp, double half_life, double now);

// The newest timestamp; 0 where there is none.
double newest(std::span<const double> timestamp);

}  // namespace rec
