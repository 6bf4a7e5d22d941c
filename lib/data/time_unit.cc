#include "data/time_unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "data/interactions.h"

namespace rec {

namespace {

struct Unit {
  double per_second;
  const char* name;
};
constexpr Unit kUnits[] = {{1, "seconds"}, {1e3, "milliseconds"}, {1e6, "microseconds"}, {1e9, "nanoseconds"}};

const Unit* unit_of(double time) {
  constexpr double kFirst = 1e8;        // 1973-03-03
  constexpr double kLast = 4102444800;  // 2100
  for (const Unit& unit : kUnits) {
    if (time >= kFirst * unit.per_second && time < kLast * unit.per_second) return &unit;
  }
  return nullptr;
}

}  // namespace

double units_per_second(double time) {
  const Unit* unit = unit_of(time);
  return unit != nullptr ? unit->per_second : 0.0;
}

TimeScale time_scale(std::span<const double> timestamp, bool dates) {
  if (dates || timestamp.empty()) return {};
  std::vector<double> times(timestamp.begin(), timestamp.end());
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  if (const Unit* unit = unit_of(*middle); unit != nullptr) {
    if (unit->per_second == 1) return {};
    return {unit->per_second, unit->name, fmt::format("the timestamps are taken as {} since 1970", unit->name)};
  }
  return {1, "seconds", "the timestamps are taken as seconds, though they look like no time since 1970"};
}

TimeScale time_scale(const Interactions& data) { return time_scale(data.timestamp, data.dates); }

bool is_since_1970(const TimeScale& scale) { return scale.per_second != 1 || scale.note.empty(); }

Duration in_timestamps(const Duration& duration, const TimeScale& scale) {
  return duration.seconds ? Duration(duration.amount * scale.per_second) : duration;
}

Time in_timestamps(const TimeField& time, const TimeScale& scale) {
  if (!time.date) return time.time;
  const Time scaled = times(time.time, scale.per_second);
  if (scale.per_second < 1e9) return scaled;
  // Dates are whole nanoseconds.
  if (std::fabs(scaled.value) < 0x1p53) return std::round(scaled.value + scaled.rest);
  return {scaled.value, std::round(scaled.rest)};
}

std::string rounded_times_note(const std::string& file, uint64_t rounded) {
  return fmt::format(
      "{}: {} timestamp{} more digits than are kept and {} rounded; those that are equal after it keep the input's "
      "order",
      file, rounded, rounded == 1 ? " has" : "s have", rounded == 1 ? "is" : "are");
}

}  // namespace rec
