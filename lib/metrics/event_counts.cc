#include "metrics/event_counts.h"

#include <algorithm>
#include <cmath>

#include "metrics/scaling.h"

namespace rec {
namespace {

EventRate rate(uint64_t part, uint64_t whole) { return {static_cast<double>(part), static_cast<double>(whole)}; }

}  // namespace

EventCounts& EventCounts::operator+=(const EventCounts& other) {
  impressions += other.impressions;
  clicks += other.clicks;
  conversions += other.conversions;
  ratings += other.ratings;
  int exponent = std::max(rating_exponent, other.rating_exponent);
  const auto sum = [&] {
    return scaled_down(rating, exponent - rating_exponent) +
           scaled_down(other.rating, exponent - other.rating_exponent);
  };
  if (!std::isfinite(sum())) ++exponent;
  rating = sum();
  rating_exponent = exponent;
  return *this;
}

EventRate ctr(const EventCounts& counts) { return rate(counts.clicks, counts.impressions); }

EventRate cr(const EventCounts& counts) { return rate(counts.conversions, counts.clicks); }

EventRate cvr(const EventCounts& counts) { return rate(counts.conversions, counts.impressions); }

EventRate satisfaction(const EventCounts& counts) {
  return {counts.rating, static_cast<double>(counts.ratings), counts.rating_exponent};
}

}  // namespace rec
