#include "base/time.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdint>

#include "base/number.h"

namespace rec {
namespace {

// Reads a date from the left, piece by piece.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }
  bool take(char byte) {
    if (text_.empty() || text_.front() != byte) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  // Exactly so many digits.
  bool digits(size_t count, unsigned& number) {
    if (text_.size() < count) return false;
    number = 0;
    for (size_t at = 0; at < count; ++at) {
      if (!is_digit(text_[at])) return false;
      number = 10 * number + static_cast<unsigned>(text_[at] - '0');
    }
    text_.remove_prefix(count);
    return true;
  }
  // One digit or more, as billionths; rounded: some beyond them are not 0.
  bool fraction(uint64_t& billionths, bool& rounded) {
    billionths = 0;
    size_t count = 0;
    for (; count < text_.size() && is_digit(text_[count]); ++count) {
      const auto digit = static_cast<uint64_t>(text_[count] - '0');
      if (count < 9) {
        billionths = 10 * billionths + digit;
      } else {
        rounded |= digit != 0;
      }
    }
    for (size_t place = count; place < 9; ++place) billionths *= 10;
    text_.remove_prefix(count);
    return count > 0;
  }

 private:
  static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
  std::string_view text_;
};

// Z, UTC, +02:00, +0200, +02 or nothing, up to the end.
bool read_offset(Reader& reader, int64_t& seconds) {
  seconds = 0;
  if (reader.done()) return true;
  if (reader.take('Z') || reader.take(std::string_view(" UTC"))) return reader.done();
  const bool west = reader.take('-');
  if (!west && !reader.take('+')) return false;
  unsigned hours = 0;
  unsigned minutes = 0;
  if (!reader.digits(2, hours)) return false;
  if (!reader.done()) {
    (void)reader.take(':');
    if (!reader.digits(2, minutes)) return false;
  }
  if (!reader.done() || hours > 23 || minutes > 59) return false;
  seconds = (west ? -60 : 60) * static_cast<int64_t>(60 * hours + minutes);
  return true;
}

// The sum of two doubles, and what it lost (Knuth's TwoSum).
Time two_sum(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

size_t significant_digits(std::string_view text) {
  size_t digits = 0;
  size_t zeros = 0;  // after the last digit that is not 0
  for (const char byte : text) {
    if (byte == 'e' || byte == 'E') break;
    if (byte < '0' || byte > '9' || (byte == '0' && digits == 0)) continue;
    zeros = byte == '0' ? zeros + 1 : 0;
    ++digits;
  }
  return digits - zeros;
}

constexpr double kTwoTo64 = 0x1p64;

}  // namespace

Time plus(const Time& time, double change) {
  const Time sum = two_sum(time.value, change);
  return two_sum(sum.value, sum.rest + time.rest);
}

Time times(const Time& time, double factor) {
  const double product = time.value * factor;
  return two_sum(product, std::fma(time.value, factor, -product) + time.rest * factor);
}

std::optional<TimeField> parse_date(std::string_view text) {
  Reader reader(text);
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!reader.digits(4, year) || !reader.take('-') || !reader.digits(2, month) || !reader.take('-') ||
      !reader.digits(2, day))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  int64_t seconds = int64_t{86400} * std::chrono::sys_days(date).time_since_epoch().count();
  if (reader.done()) return TimeField(Time(static_cast<double>(seconds)), true, false);

  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  uint64_t billionths = 0;
  int64_t offset = 0;
  bool rounded = false;
  if (!reader.take('T') && !reader.take(' ')) return std::nullopt;
  if (!reader.digits(2, hour) || !reader.take(':') || !reader.digits(2, minute)) return std::nullopt;
  if (reader.take(':')) {
    if (!reader.digits(2, second)) return std::nullopt;
    if ((reader.take('.') || reader.take(',')) && !reader.fraction(billionths, rounded)) return std::nullopt;
  }
  if (hour > 23 || minute > 59 || second > 59 || !read_offset(reader, offset)) return std::nullopt;
  seconds += static_cast<int64_t>(3600 * hour + 60 * minute + second) - offset;
  // |seconds| < 2^53, so it is exact, and so is the rest but for the last bits of billionths.
  return TimeField(two_sum(static_cast<double>(seconds), static_cast<double>(billionths) / 1e9), true, rounded);
}

TimeField exact_number(std::string_view text, double value) {
  const bool negative = text.starts_with('-');
  const std::string_view digits = text.substr(negative ? 1 : 0);
  const auto whole = digits.size() <= kExactNumberBytes ? std::nullopt : parse_integer<uint64_t>(digits);
  if (!whole) return {Time(value), false, significant_digits(text) > 17};
  const double size = std::fabs(value);
  double rest = 0;
  if (size >= kTwoTo64) {
    rest = -static_cast<double>(uint64_t{0} - *whole);
  } else {
    const auto kept = static_cast<uint64_t>(size);
    rest = *whole >= kept ? static_cast<double>(*whole - kept) : -static_cast<double>(kept - *whole);
  }
  return {Time(value, negative ? -rest : rest), false, false};
}

std::optional<TimeField> parse_time(std::string_view text) {
  if (const auto number = parse_number<double>(text)) return exact_number(text, *number);
  return parse_date(text);
}

void append_time(std::string& out, const Time& time, bool date) {
  constexpr double kYear0 = -62167219200;
  constexpr double kYear10000 = 253402300800;
  if (date && time.value >= kYear0 && time.value < kYear10000) {
    double whole = std::floor(time.value);
    auto billionths = std::llround((time.value - whole + time.rest) * 1e9);
    if (billionths < 0 || billionths >= 1000000000) {
      whole += billionths < 0 ? -1 : 1;
      billionths += billionths < 0 ? 1000000000 : -1000000000;
    }
    const std::chrono::sys_seconds at{std::chrono::seconds(static_cast<int64_t>(whole))};
    const auto midnight = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day day(midnight);
    const std::chrono::hh_mm_ss clock(at - midnight);
    out += fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(day.year()),
                       static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count());
    if (billionths != 0) {
      std::string fraction = fmt::format(".{:09}", billionths);
      fraction.resize(fraction.find_last_not_of('0') + 1);
      out += fraction;
    }
    out += 'Z';
    return;
  }
  const bool whole = time.value == std::floor(time.value) && time.rest == std::floor(time.rest);
  if (whole && std::fabs(time.value) < 0x1p63) {
    out += fmt::format("{}", static_cast<int64_t>(time.value) + static_cast<int64_t>(time.rest));
  } else {
    append_number(out, time.value);
  }
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (const auto number = parse_number<double>(text)) return Duration(*number);
  if (text.empty()) return std::nullopt;
  double unit = 0;
  switch (text.back()) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'd':
      unit = 86400;
      break;
    case 'w':
      unit = 604800;
      break;
    default:
      return std::nullopt;
  }
  const auto number = parse_number<double>(text.substr(0, text.size() - 1));
  if (!number || !std::isfinite(*number * unit)) return std::nullopt;
  return Duration(*number * unit, true);
}

std::string duration_text(const Duration& duration) {
  std::string text;
  append_number(text, duration.amount);
  if (duration.seconds) text += 's';
  return text;
}

}  // namespace rec
