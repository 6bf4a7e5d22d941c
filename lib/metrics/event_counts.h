// Rates of an event log. Thread rule: plain data, pure functions.
#pragma once

#include "metrics/proportion.h"

namespace rec {

struct EventCounts {
  uint64_t impressions = 0;
  uint64_t clicks = 0;
  uint64_t conversions = 0;
};

// clicks / impressions. REQUIRES: clicks <= impressions.
Proportion ctr(const EventCounts& counts);

// conversions / clicks, the share of clicks that led to an action.
// REQUIRES: conversions <= clicks.
Proportion cr(const EventCounts& counts);

// conversions / impressions. REQUIRES: conversions <= impressions.
Proportion cvr(const EventCounts& counts);

}  // namespace rec
