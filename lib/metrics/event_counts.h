// Rates of an event log. Thread rule: plain data, pure functions.
#pragma once

#include <cstdint>

namespace rec {

struct EventCounts {
  uint64_t impressions = 0;
  uint64_t clicks = 0;
  uint64_t conversions = 0;
  uint64_t ratings = 0;
  double rating = 0.0;      // Σ of the ratings / 2^rating_exponent
  int rating_exponent = 0;  // above 0 where the sum is beyond the range of double

  EventCounts& operator+=(const EventCounts& other);
};

// A rate is part · 2^exponent / whole, undefined where whole is 0.
struct EventRate {
  double part;
  double whole;
  int exponent = 0;
};

// clicks / impressions.
EventRate ctr(const EventCounts& counts);

// conversions / clicks, the share of clicks that led to an action.
EventRate cr(const EventCounts& counts);

// conversions / impressions.
EventRate cvr(const EventCounts& counts);

// Σ rating / ratings. The mean of a value: the only one that is no proportion.
EventRate satisfaction(const EventCounts& counts);

}  // namespace rec
