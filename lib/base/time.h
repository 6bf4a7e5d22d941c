// Times and durations from text: numbers, dates of ISO 8601, and durations with a unit.
// Thread-safe.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace rec {

// A time: value + rest, where rest is what rounding to a double took away (at most half a
// unit in the last place of value). So whole numbers of 64 bits and dates to the
// nanosecond have their exact order.
struct Time {
  double value = 0.0;
  double rest = 0.0;

  constexpr Time() = default;
  constexpr Time(double its_value, double its_rest = 0.0) : value(its_value), rest(its_rest) {}
  friend auto operator<=>(const Time&, const Time&) = default;
};

// From `a` to `b`, to double precision of the difference itself.
inline double between(const Time& a, const Time& b) { return (b.value - a.value) + (b.rest - a.rest); }
// time + change, and time * factor, rounded as Time is.
Time plus(const Time& time, double change);
Time times(const Time& time, double factor);

// A time as it was read or given.
struct TimeField {
  Time time;             // of a date: seconds since 1970-01-01 00:00 UTC
  bool date = false;     // a date; false: a number, whatever its unit
  bool rounded = false;  // had more digits than Time keeps

  TimeField() = default;
  TimeField(double value) : time(value) {}
  TimeField(const Time& its_time, bool is_date, bool is_rounded) : time(its_time), date(is_date), rounded(is_rounded) {}
};

// A number up to so many bytes is exact enough as a double: different texts of such
// numbers are different doubles, and a whole one is the double.
constexpr size_t kExactNumberBytes = 15;

// What errors say was expected.
constexpr std::string_view kTimeExpected = "a number, or a date such as 2021-09-05 or 2021-09-05T08:00:00Z";

// A date of ISO 8601: 2021-09-05, or with T or a space and a time of day: 08:00, 08:00:00,
// 08:00:00.25 (a point or a comma), then Z, UTC after a space, or an offset as +02:00,
// +0200 or +02. Without an offset it is UTC. Years 0000 to 9999 of the Gregorian
// calendar, no leap seconds. Nothing for anything else.
std::optional<TimeField> parse_date(std::string_view text);

// `value` is what parse_number read from `text`; the digits that it lost, for whole
// numbers of 64 bits.
TimeField exact_number(std::string_view text, double value);

// A number (parse_number) or a date.
std::optional<TimeField> parse_time(std::string_view text);

// Appends a date of seconds since 1970 as 2021-09-05T08:00:00Z, where `date`; else the
// number, whole ones with all digits.
void append_time(std::string& out, const Time& time, bool date);

// A span of time: with a unit in seconds, else in the unit of the timestamps.
struct Duration {
  double amount = 0.0;
  bool seconds = false;

  Duration() = default;
  Duration(double its_amount, bool in_seconds = false) : amount(its_amount), seconds(in_seconds) {}
  friend bool operator==(const Duration&, const Duration&) = default;
};

// "90" has no unit; "10s", "15m", "12h", "30d", "2w" are seconds, minutes, hours, days of
// 24 hours, weeks. Nothing for anything else.
std::optional<Duration> parse_duration(std::string_view text);
// "90", or "2592000s".
std::string duration_text(const Duration& duration);

}  // namespace rec
