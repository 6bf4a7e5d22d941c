#include "data/time_unit.h"

#include <doctest/doctest.h>

#include <vector>

#include "data/decay.h"
#include "data/interactions.h"

namespace rec::time_unit_test {

TEST_CASE("the unit of timestamps, by their median") {
  CHECK(time_scale(std::vector<double>{0, 1.6e9, 1.7e9}, false).per_second == 1);
  CHECK(time_scale(std::vector<double>{0, 1.6e12, 1.7e12}, false).per_second == 1e3);
  CHECK(time_scale(std::vector<double>{1.6e15}, false).per_second == 1e6);
  CHECK(time_scale(std::vector<double>{1.6e18}, false).per_second == 1e9);
  CHECK(time_scale(std::vector<double>{1.6e12}, true).per_second == 1);  // dates
  CHECK(time_scale(std::vector<double>{1.6e9}, false).note.empty());
  CHECK(time_scale(std::vector<double>{1.6e12}, false).note == "the timestamps are taken as milliseconds since 1970");
  CHECK(time_scale(std::vector<double>{1, 2, 3}, false).per_second == 1);
  CHECK_FALSE(time_scale(std::vector<double>{1, 2, 3}, false).note.empty());
  CHECK(time_scale(std::vector<double>{}, false).note.empty());
}

TEST_CASE("a date beside nanoseconds is exact") {
  const TimeScale scale = time_scale(std::vector<double>{1.6e18}, false);
  CHECK(in_timestamps(*parse_time("2021-09-05T08:00:00.123456789Z"), scale) == parse_time("1630828800123456789")->time);
  CHECK(in_timestamps(*parse_time("1970-01-01T00:00:00.000000007Z"), scale) == Time(7));
  CHECK(in_timestamps(*parse_time("17"), scale) == Time(17));
}

TEST_CASE("half-life-unit: converted with a unit, warned of without") {
  Interactions data;
  data.timestamp = {1433221332117, 1433221332000, 1433224214164, 1430622004384};
  data.user = data.item = {0, 0, 0, 0};
  const auto said = [&](const char* text, std::optional<TimeField> now = {}) {
    Duration half_life = *parse_duration(text);
    std::string notes;
    resolve_decay(
        data, half_life, now, [&](const std::string& note) { notes += note + "\n"; },
        [&](const std::string& warning) { notes += "warning: " + warning + "\n"; });
    return std::pair(half_life, notes);
  };
  CHECK(said("30d") ==
        std::pair(Duration(2592000000), std::string("the timestamps are taken as milliseconds since 1970\n")));
  CHECK(said("30").first == Duration(30));
  CHECK(said("30").second.find(
            "warning: --half-life 30 is so short beside the span of the timestamps that 3 of 4 rows") == 0);
  CHECK(said("2592000").second.find("the timestamps look like milliseconds, of which it is 43.2 minutes") !=
        std::string::npos);
  std::optional<TimeField> now = parse_time("2015-06-02");
  Duration half_life(1e10);
  resolve_decay(
      data, half_life, now, [](const std::string&) {}, [](const std::string&) {});
  CHECK(now->time == Time(1433203200000));
  CHECK_FALSE(now->date);
}

}  // namespace rec::time_unit_test
