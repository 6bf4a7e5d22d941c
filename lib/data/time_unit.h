// The unit of timestamps, for durations and dates that are given beside them.
// Thread-safe: stateless.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/time.h"

namespace rec {

struct Interactions;

struct TimeScale {
  double per_second = 1.0;  // timestamps in a second
  const char* unit = "seconds";
  std::string note;  // what to say where a duration or a date is converted; "": nothing
};

// Seconds for dates. Of numbers the median decides: seconds, milliseconds, microseconds or
// nanoseconds, whichever makes it a time since 1970 from 1973 to 2100; seconds, with a
// note, where none does.
TimeScale time_scale(std::span<const double> timestamp, bool dates);
TimeScale time_scale(const Interactions& data);
// The unit of one number, as timestamps in a second; 0: it is no time from 1973 to 2100 in any of them.
double units_per_second(double time);
// Whether the timestamps are times since 1970 at all.
bool is_since_1970(const TimeScale& scale);

// In the timestamps' own unit. What has none, a number, is that already.
Duration in_timestamps(const Duration& duration, const TimeScale& scale);
Time in_timestamps(const TimeField& time, const TimeScale& scale);

// "FILE: N timestamps have more digits than ..."
std::string rounded_times_note(const std::string& file, uint64_t rounded);

}  // namespace rec
