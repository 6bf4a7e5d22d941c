#include "base/time.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "base/number.h"

namespace rec::time_test {

namespace {

// Seconds since 1970, or NaN for what is no date.
double seconds(const char* text) {
  const auto date = parse_date(text);
  return date ? date->time.value + date->time.rest : NAN;
}

std::string text_of(const Time& time, bool date = false) {
  std::string text;
  append_time(text, time, date);
  return text;
}

Time number(const char* text) { return parse_time(text)->time; }

}  // namespace

TEST_CASE("dates of ISO 8601") {
  // From `date -u -d ... +%s`.
  CHECK(seconds("1970-01-01") == 0);
  CHECK(seconds("2021-09-05") == 1630800000);
  CHECK(seconds("2021-09-05T08:00:00Z") == 1630828800);
  CHECK(seconds("2021-09-05 08:00:00 UTC") == 1630828800);
  CHECK(seconds("2021-09-05T08:00") == 1630828800);
  CHECK(seconds("2021-09-05 08:00:00.25") == 1630828800.25);
  CHECK(seconds("2021-09-05T08:00:00,5Z") == 1630828800.5);
  CHECK(seconds("2021-09-05T08:00:00+02:00") == 1630821600);
  CHECK(seconds("2021-09-05T08:00:00-0130") == 1630834200);
  CHECK(seconds("2021-09-05T08:00:00+02") == 1630821600);
  CHECK(seconds("2021-09-05T08:00+02:00") == 1630821600);
  CHECK(seconds("2020-02-29") == 1582934400);
  CHECK(seconds("1969-12-31T23:59:59Z") == -1);
  CHECK(seconds("0000-01-01") == -62167219200);
  CHECK(seconds("9999-12-31T23:59:59") == 253402300799);
}

TEST_CASE("what is no date") {
  for (const char* text : {"",
                           "2021",
                           "20210905",
                           "2021-9-5",
                           "2021-09-5",
                           "2021-13-01",
                           "2021-00-01",
                           "2021-02-29",
                           "2021-04-31",
                           "2021-09-05T",
                           "2021-09-05 ",
                           "2021-09-05T08",
                           "2021-09-05T24:00",
                           "2021-09-05T08:60",
                           "2021-09-05T08:00:60",
                           "2021-09-05T08:00:00.",
                           "2021-09-05T08:00:00.Z",
                           "2021-09-05T08:00:00z",
                           "2021-09-05t08:00",
                           "2021-09-05x",
                           "2021-09-05T08:00:00+",
                           "2021-09-05T08:00:00+2",
                           "2021-09-05T08:00:00+24:00",
                           "2021-09-05T08:00:00+02:60",
                           "2021-09-05T08:00:00+02:0",
                           "2021-09-05T08:00:00ZZ",
                           "2021-09-05T08:00:00Z ",
                           " 2021-09-05",
                           "-2021-09-05",
                           "2021-09-05Z",
                           "2021-09-05T08:00:00 +02:00",
                           "2021-09-05T08:00:00.5.5",
                           "05.09.2021",
                           "2021/09/05"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_date(text).has_value());
    CHECK(parse_time(text).has_value() == parse_number<double>(text).has_value());
  }
}

TEST_CASE("fractions of a second: in order to the nanosecond, whatever the spelling") {
  CHECK(number("2021-09-05T08:00:00.123456788Z") < number("2021-09-05T08:00:00.123456789Z"));
  CHECK(number("2021-09-05T08:00:00.999999999Z") < number("2021-09-05T08:00:01Z"));
  CHECK(number("2021-09-05T08:00:00.1Z") == number("2021-09-05T10:00:00.100000000+02:00"));
  CHECK_FALSE(parse_date("2021-09-05T08:00:00.1234567890Z")->rounded);
  CHECK(parse_date("2021-09-05T08:00:00.1234567891Z")->rounded);
  CHECK(text_of(number("2021-09-05T08:00:00.123456789Z"), true) == "2021-09-05T08:00:00.123456789Z");
  CHECK(text_of(number("1969-12-31 23:59:59.5"), true) == "1969-12-31T23:59:59.5Z");
  CHECK(text_of(number("0000-01-01"), true) == "0000-01-01T00:00:00Z");
}

TEST_CASE("integers-beyond-double: whole numbers of 64 bits keep their order and their digits") {
  const char* const ascending[] = {"-9223372036854775807", "-1600000000000000200", "-1600000000000000199",
                                   "9007199254740992",     "9007199254740993",     "1600000000000000100",
                                   "1600000000000000150",  "1600000000000000200",  "9223372036854774000",
                                   "9223372036854775806",  "9223372036854775807",  "18446744073709551614",
                                   "18446744073709551615"};
  for (size_t a = 0; a < std::size(ascending); ++a) {
    CAPTURE(ascending[a]);
    CHECK_FALSE(parse_time(ascending[a])->rounded);
    for (size_t b = 0; b < a; ++b) CHECK(number(ascending[b]) < number(ascending[a]));
  }
  CHECK(text_of(number("1600000000000000150")) == "1600000000000000150");
  CHECK(number("1600000000.5") == Time(1600000000.5));
  CHECK(parse_time("18446744073709551616000001")->rounded);
  CHECK(parse_time("0.123456789012345678")->rounded);
  CHECK_FALSE(parse_time("0.30000000000000004")->rounded);
}

TEST_CASE("times: sums and products keep what a double loses") {
  const Time newest = number("1600000000000000150");
  CHECK(text_of(plus(newest, 1)) == "1600000000000000151");
  CHECK(text_of(plus(newest, -604800e9)) == "1599395200000000150");
  CHECK(between(number("1600000000000000100"), newest) == 50);
  CHECK(text_of(times(number("2021-09-05T08:00:00Z"), 1e9)) == "1630828800000000000");
}

TEST_CASE("durations: with a unit in seconds") {
  CHECK(*parse_duration("90") == Duration(90));
  CHECK(*parse_duration("10s") == Duration(10, true));
  CHECK(*parse_duration("15m") == Duration(900, true));
  CHECK(*parse_duration("1.5h") == Duration(5400, true));
  CHECK(*parse_duration("30d") == Duration(2592000, true));
  CHECK(*parse_duration("2w") == Duration(1209600, true));
  CHECK(duration_text(*parse_duration("30d")) == "2592000s");
  for (const char* text : {"", "d", "30 d", "30D", "30dd", "1e308w", "x", "30days", "nans"})
    CHECK_FALSE(parse_duration(text).has_value());
}

}  // namespace rec::time_test
