// Time decay: what a row weighs by its age. Thread-safe: stateless.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"

namespace rec {

struct Interactions;

// For each timestamp t: 2^(-(now - t) / half_life), at least the least normal
// float, so that no row vanishes; a row later than `now` weighs 1. half_life is
// in the timestamps' own unit. Without `now` it is the newest timestamp.
// Throws UsageError unless half_life > 0 and both are finite.
std::vector<float> decay_weights(std::span<const double> timestamp, double half_life, std::optional<double> now);

// One such weight.
float decay_weight(double timestamp, double half_life, double now);

// Gives both the unit of the timestamps (data/time_unit.h): a half-life with a unit, and a
// date. Tells `note` which unit was taken where that is no matter of course, and `warning` of
// a half-life under which half of the rows or more weigh less than 2^-20, or of one
// without a unit where the timestamps look like milliseconds or finer; and of a time before more than half of the rows.
void resolve_decay(const Interactions& data, Duration& half_life, std::optional<TimeField>& now,
                   const std::function<void(const std::string&)>& note,
                   const std::function<void(const std::string&)>& warning);

// The newest timestamp; 0 where there is none.
double newest(std::span<const double> timestamp);

}  // namespace rec
