#include "train/event_file.h"

#include <unistd.h>

#include <array>
#include <bit>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/number.h"

namespace rec {
namespace {

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

// Protocol Buffers: a field is its number and wire type, then a varint, eight or four bytes, or a length and bytes.
std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes += static_cast<char>(value);
}
template <typename T>
std::string little_endian(T value) {
  static_assert(std::endian::native == std::endian::little);
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}
std::string number(int field, uint64_t value) { return varint(static_cast<uint64_t>(field) << 3) + varint(value); }
std::string real(int field, double value) {
  return varint(static_cast<uint64_t>(field) << 3 | 1) + little_endian(value);
}
std::string real32(int field, float value) {
  return varint(static_cast<uint64_t>(field) << 3 | 5) + little_endian(value);
}
std::string bytes(int field, std::string_view value) {
  return varint(static_cast<uint64_t>(field) << 3 | 2) + varint(value.size()) + std::string(value);
}

// Messages, by the names of their .proto files; first the fields of Event.
constexpr int kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5;
std::string summary(std::string_view tag, const std::string& value) {
  return bytes(kSummary, bytes(1, bytes(1, tag) + value));
}
std::string metadata(std::string_view plugin, std::string_view content) {
  return bytes(9, bytes(1, bytes(1, plugin) + bytes(2, content)));
}
std::string text_tensor(std::string_view text) {
  constexpr uint64_t kString = 7;
  return bytes(8, number(1, kString) + bytes(2, bytes(2, number(1, 1))) + bytes(8, text));
}
// google.protobuf.Value
std::string value_of(const std::string& text) {
  const auto parsed = parse_number<double>(text);
  return parsed ? real(2, *parsed) : bytes(3, text);
}

// Makes the folder.
std::string path_in(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail("{}: {}", folder, error.message());
  return fmt::format("{}/events.out.tfevents.{}.{}.rec", folder, static_cast<int64_t>(now()), ::getpid());
}

// As code in a cell of Markdown's table.
std::string cell(std::string text) {
  for (const char special : {'|', '`'}) {
    for (size_t at = 0; (at = text.find(special, at)) != text.npos; at += 4)
      text.replace(at, 1, special == '|' ? "\\x7c" : "\\x60");
  }
  return "`" + text + "`";
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t crc = i;
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0u);
      table[i] = crc;
    }
    return table;
  }();
  uint32_t crc = ~0u;
  for (const char byte : bytes) crc = crc >> 8 ^ kTable[(crc ^ static_cast<uint8_t>(byte)) & 255];
  return ~crc;
}

EventFile::EventFile(const std::string& folder, Sync sync)
    : start_(now()), out_(path_in(folder), sync, Buffering::kRows, Appearance::kGrowing) {
  out_.no_table();
  event(bytes(kFileVersion, "brain.Event:2"));
  flush();
}

void EventFile::add(std::string_view tag, int64_t step, double value) {
  event(number(kStep, static_cast<uint64_t>(step)) + summary(tag, real32(2, static_cast<float>(value))));
}

void EventFile::finish(const std::map<std::string, std::string>& options) {
  std::string table = "| option | value |\n|---|---|\n";
  std::string session;
  for (const auto& option : options) {
    const std::string key = escaped(option.first), value = escaped(option.second);  // UTF-8, as strings of messages are
    table += fmt::format("| {} | {} |\n", cell(key), cell(value));
    session += bytes(1, bytes(1, key) + bytes(2, value_of(value)));
  }
  constexpr uint64_t kSuccess = 1;
  const auto hparams = [&](const char* tag, const std::string& content) {
    event(summary(tag, metadata("hparams", number(1, 0) + content)));
  };
  event(summary("options", metadata("text", "") + text_tensor(table)));
  hparams("_hparams_/session_start_info", bytes(3, session + real(5, start_)));
  hparams("_hparams_/session_end_info", bytes(4, number(1, kSuccess) + real(2, now())));
  out_.finish();
}

// One record: its length and its bytes, each with its checksum.
void EventFile::event(std::string_view fields) {
  const auto masked = [](std::string_view part) {
    const uint32_t crc = crc32c(part);
    return little_endian((crc >> 15 | crc << 17) + 0xa282ead8u);
  };
  const std::string record = real(kWallTime, now()) + std::string(fields);
  const std::string length = little_endian(static_cast<uint64_t>(record.size()));
  out_.write(length + masked(length));
  out_.write(record + masked(record));
}

}  // namespace rec
