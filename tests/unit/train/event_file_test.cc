#include "train/event_file.h"

#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <vector>

#include "base/error.h"
#include "temp_folder.h"

namespace rec::event_file_test {
namespace {

TEST_CASE("CRC-32C has the values of RFC 3720, appendix B.4") {
  CHECK(crc32c("") == 0u);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aau);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43u);
  CHECK(crc32c("123456789") == 0xe3069283u);
}

std::vector<std::string> records(const std::string& file) {
  std::vector<std::string> found;
  size_t at = 0;
  const auto masked = [&](size_t from, size_t size) {
    const uint32_t crc = crc32c(std::string_view(file).substr(from, size));
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
  };
  while (at < file.size()) {
    REQUIRE(at + 12 <= file.size());
    uint64_t size = 0;
    uint32_t crc = 0;
    std::memcpy(&size, file.data() + at, 8);
    std::memcpy(&crc, file.data() + at + 8, 4);
    REQUIRE(crc == masked(at, 8));
    REQUIRE(at + 16 + size <= file.size());
    std::memcpy(&crc, file.data() + at + 12 + size, 4);
    REQUIRE(crc == masked(at + 12, size));
    found.push_back(file.substr(at + 12, size));
    at += 16 + size;
  }
  return found;
}

TEST_CASE("an event file holds whole records while it grows, and all bytes of a value") {
  const TempFolder folder;
  const std::string events = folder.path("runs/first");
  EventFile file(events, Sync::kNo);
  std::string name;
  for (const auto& entry : std::filesystem::directory_iterator(events)) name = entry.path().filename();
  CHECK(name.starts_with("events.out.tfevents."));
  CHECK(records(folder.read("runs/first/" + name)).size() == 1);
  file.add("ndcg@10", 300, 0.5);
  file.flush();
  const std::vector<std::string> now = records(folder.read("runs/first/" + name));
  REQUIRE(now.size() == 2);
  // wall_time, then step = 300, summary { value { tag, simple_value = 0.5 } }.
  CHECK(now[1].substr(9) == std::string("\x10\xac\x02\x2a\x10\x0a\x0e\x0a\x07"
                                        "ndcg@10"
                                        "\x15\x00\x00\x00\x3f",
                                        21));
  file.finish({{"model", "als"}, {"dim", "64"}});
  CHECK(records(folder.read("runs/first/" + name)).size() == 5);
}

TEST_CASE("an event file in a place that is no folder is an error") {
  const TempFolder folder;
  const std::string file = folder.file("taken", "x");
  CHECK_THROWS_AS(EventFile(file + "/runs", Sync::kNo), Error);
}

}  // namespace
}  // namespace rec::event_file_test
