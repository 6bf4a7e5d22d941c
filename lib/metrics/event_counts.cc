#include "metrics/event_counts.h"

namespace rec {

Proportion ctr(const EventCounts& counts) { return wilson(counts.clicks, counts.impressions); }

Proportion cr(const EventCounts& counts) { return wilson(counts.conversions, counts.clicks); }

Proportion cvr(const EventCounts& counts) { return wilson(counts.conversions, counts.impressions); }

}  // namespace rec
