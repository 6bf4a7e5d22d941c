#include "io/byte_source.h"

#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/input.h"
#include "temp_folder.h"

namespace rec::byte_source_test {

namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  REQUIRE(::deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

// With a checksum, as the zstd program writes one.
std::string zstd(const std::string& text) {
  ZSTD_CCtx* const context = ::ZSTD_createCCtx();
  ::ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string packed(::ZSTD_compressBound(text.size()), '\0');
  packed.resize(::ZSTD_compress2(context, packed.data(), packed.size(), text.data(), text.size()));
  ::ZSTD_freeCCtx(context);
  return packed;
}

std::string read_all(const std::string& path, size_t room) {
  ByteSource source(path);
  std::string all;
  std::string part(room, '\0');
  while (const size_t got = source.read(part.data(), room)) all.append(part, 0, got);
  CHECK(source.read(part.data(), room) == 0);
  CHECK(source.file_bytes_read() == source.file_size());
  return all;
}

std::string lines(size_t n) {
  std::string text;
  for (size_t line = 0; line < n; ++line) text += fmt::format("u{}\ti{}\n", line * 7919 % 1000, line);
  return text;
}

constexpr std::string (*kPackers[])(const std::string&) = {gzip, zstd};

}  // namespace

TEST_CASE("ByteSource: plain bytes, also those that begin like a magic number") {
  const TempFolder folder;
  for (const char* text :
       {"", "a", "ab\n", "\x1f", "\x1f\x8b", "\x1f\x8bx\t1\n", "\x28\xb5\x2f", "P", "P*M\tx\n", "PQ"}) {
    for (size_t room = 1; room < 8; ++room) CHECK(read_all(folder.file("a", text), room) == text);
  }
}

TEST_CASE("ByteSource: gzip and Zstandard, members behind each other, in pieces of any size") {
  const TempFolder folder;
  const std::string text = lines(2000);
  for (const auto pack : kPackers) {
    const std::string path = folder.file("a", pack(text) + pack("") + pack("x\ty\n"));
    for (const size_t room : {size_t{1}, size_t{7}, size_t{4096}, size_t{1} << 20})
      CHECK(read_all(path, room) == text + "x\ty\n");
    CHECK(read_all(folder.file("a", pack("")), 10).empty());
  }
  CHECK(read_all(folder.file("a", gzip(text) + std::string(512, '\0')), 100) == text);  // padded
  const std::string skippable("\x50\x2a\x4d\x18\x03\x00\x00\x00xyz", 11);
  CHECK(read_all(folder.file("a", skippable + zstd(text)), 100) == text);
}

TEST_CASE("ByteSource: compressed data that end too early are an error with the file's name, wherever they end") {
  const TempFolder folder;
  const std::string text = lines(50);
  for (const auto pack : kPackers) {
    const std::string packed = pack(text);
    for (size_t size = 4; size < packed.size(); ++size) {
      const std::string path = folder.file("a", packed.substr(0, size));
      const std::string error = error_of<Error>([&] { read_all(path, 100); });
      CHECK(error.starts_with(path + ": the "));
      CHECK(error.find(fmt::format(" data end too early, after {} bytes", size)) != std::string::npos);
    }
    // The second of two members, too.
    const std::string path = folder.file("a", packed + packed.substr(0, packed.size() / 2));
    CHECK(error_of<Error>([&] { read_all(path, 100); }).find("end too early") != std::string::npos);
  }
}

TEST_CASE("ByteSource: a changed bit of compressed data is found, or changes no byte of the text") {
  const TempFolder folder;
  const std::string text = lines(50);
  for (const auto pack : kPackers) {
    const std::string packed = pack(text);
    for (size_t at = 12; at < packed.size(); ++at) {  // gzip's header has bits without meaning
      std::string changed = packed;
      changed[at] = static_cast<char>(changed[at] ^ 4);
      const std::string path = folder.file("a", changed);
      std::string read;
      const std::string error = error_of<Error>([&] { read = read_all(path, 100); });
      CHECK((error.starts_with(path + ": ") || read == text));
    }
    const std::string path = folder.file("a", packed + "other text");
    CHECK(error_of<Error>([&] { read_all(path, 100); }).find(" are damaged") != std::string::npos);
  }
}

TEST_CASE("Input: lines of compressed files have their numbers") {
  const TempFolder folder;
  const std::string text = lines(3000);
  for (const auto pack : kPackers) {
    Input input(folder.file("a", pack(text)), 1000);
    std::string all;
    while (input.next()) {
      CHECK(input.line_of(input.text().data()) == 1 + static_cast<size_t>(std::count(all.begin(), all.end(), '\n')));
      all += input.text();
    }
    CHECK(all == text);
  }
}

}  // namespace rec::byte_source_test
