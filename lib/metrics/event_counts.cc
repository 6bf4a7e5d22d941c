#include "metrics/event_counts.h"

namespace rec {
namespace {

EventRate rate(uint64_t part, uint64_t whole) { return {static_cast<double>(part), static_cast<double>(whole)}; }

}  // namespace

EventCounts& EventCounts::operator+=(const EventCounts& other) {
  impressions += other.impressions;
  clicks += other.clicks;
  conversions += other.conversions;
  ratings += other.ratings;
  rating += other.rating;
  return *this;
}

EventRate ctr(const EventCounts& counts) { return rate(counts.clicks, counts.impressions); }

EventRate cr(const EventCounts& counts) { return rate(counts.conversions, counts.clicks); }

EventRate cvr(const EventCounts& counts) { return rate(counts.conversions, counts.impressions); }

EventRate satisfaction(const EventCounts& counts) { return {counts.rating, static_cast<double>(counts.ratings)}; }

}  // namespace rec
