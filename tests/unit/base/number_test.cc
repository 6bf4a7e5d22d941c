#include "base/number.h"

#include <doctest/doctest.h>

#include <limits>

namespace rec::number_test {

TEST_CASE("parse_number: finite decimals") {
  CHECK(parse_number<double>("0") == 0.0);
  CHECK(parse_number<double>("-0") == 0.0);
  CHECK(parse_number<double>("12.5") == 12.5);
  CHECK(parse_number<double>("-1e3") == -1000.0);
  CHECK(parse_number<double>("1E+2") == 100.0);
  CHECK(parse_number<double>(".5") == 0.5);
  CHECK(parse_number<double>("5.") == 5.0);
  CHECK(parse_number<double>("007") == 7.0);
  CHECK(parse_number<float>("3.4028235e38") == std::numeric_limits<float>::max());
  CHECK(parse_number<double>("1e-999") == 0.0);  // too small to tell from 0, yet a number
  CHECK(parse_number<float>("1e-60") == 0.0f);
  CHECK(parse_number<double>("4.9e-324") == std::numeric_limits<double>::denorm_min());
}

TEST_CASE("parse_number: everything else is refused") {
  for (const char* text : {"",       " ",   " 1",   "1 ",  "+1",       "1x",     "x",     "nan",    "NaN",  "-nan",
                           "nan(1)", "inf", "-inf", "INF", "Infinity", "infant", "1e999", "-1e999", "0x10", "1e",
                           "1e+",    "-",   ".",    "-.",  "e5",       "1,5",    "1_000", "--1",    "1\r"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number<double>(text).has_value());
    CHECK_FALSE(parse_number<float>(text).has_value());
  }
  CHECK_FALSE(parse_number<double>(std::string_view("1\0", 2)).has_value());
  CHECK_FALSE(parse_number<float>("1e39").has_value());
}

TEST_CASE("parse_integer: whole fields in range") {
  CHECK(parse_integer<int>("42") == 42);
  CHECK(parse_integer<int>("-1") == -1);
  CHECK(parse_integer<uint8_t>("255") == 255);
  for (const char* text : {"", "+1", "1.0", "1x", " 1", "99999999999"})
    CHECK_FALSE(parse_integer<int>(text).has_value());
  CHECK_FALSE(parse_integer<uint8_t>("256").has_value());
  CHECK_FALSE(parse_integer<uint32_t>("-1").has_value());
}

namespace {

template <class Float>
std::string text_of(Float value) {
  std::string out;
  append_number(out, value);
  return out;
}

}  // namespace

TEST_CASE("append_number: shortest form that reads back") {
  CHECK(text_of(1.0) == "1");
  CHECK(text_of(0.1) == "0.1");
  CHECK(text_of(0.1f) == "0.1");
  CHECK(text_of(-2.5f) == "-2.5");
  CHECK(text_of(0.0) == "0");
  CHECK(text_of(1.0f / 3) == "0.33333334");
  CHECK(text_of(1e-7) == "1e-07");
  for (const double value : {1e15, 1e16, 123456789012345678.0, 5e-324, std::numeric_limits<double>::max(), -1.0 / 3}) {
    CHECK(parse_number<double>(text_of(value)) == value);
    CHECK(text_of(value).size() < 32);
  }
}

TEST_CASE("counted: s but for one") {
  CHECK(counted(0, "row") == "0 rows");
  CHECK(counted(1, "row") == "1 row");
  CHECK(counted(UINT64_MAX, "bad line") == "18446744073709551615 bad lines");
}

TEST_CASE("append_integer") {
  std::string out;
  append_integer(out, 0);
  out += ' ';
  append_integer(out, UINT64_MAX);
  CHECK(out == "0 18446744073709551615");
}

}  // namespace rec::number_test
