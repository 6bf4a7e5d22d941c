#include "io/compressor.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include "base/rng.h"
#include "io/output.h"
#include "temp_folder.h"

namespace rec::compressor_test {

namespace {

std::string compressed(const std::string& path, std::string_view text, size_t piece) {
  const auto compressor = make_compressor(path);
  std::string out;
  for (size_t at = 0; at < text.size(); at += piece) compressor->compress(text.substr(at, piece), out);
  compressor->finish(out);
  return out;
}

std::string gunzip(const std::string& bytes, size_t size) {
  std::string text(size + 1, '?');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  CHECK(stream.avail_in == 0);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

std::string unzstd(const std::string& bytes, size_t size) {
  std::string text(size + 1, '?');
  const size_t got = ZSTD_decompress(text.data(), text.size(), bytes.data(), bytes.size());
  REQUIRE(!ZSTD_isError(got));
  text.resize(got);
  return text;
}

std::string lines(size_t bytes) {
  Rng random(7);
  std::string text;
  while (text.size() < bytes)
    text += fmt::format("u{}\ti{}\t{}\n", random.below(999), random.below(99999), random.below(5));
  return text;
}

}  // namespace

TEST_CASE("compressed bytes read back, and do not depend on how the text was cut") {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{1000}, size_t{131072}, size_t{700000}}) {
    const std::string text = size == 0 ? std::string() : size == 1 ? std::string("\n") : lines(size);
    const std::string gz = compressed("t.gz", text, 131072);
    const std::string zst = compressed("t.zst", text, 131072);
    CHECK(gunzip(gz, text.size()) == text);
    CHECK(unzstd(zst, text.size()) == text);
    for (const size_t piece : {size_t{1}, size_t{777}, size_t{1000000}}) {
      CHECK((compressed("t.gz", text, piece) == gz));
      CHECK((compressed("t.zst", text, piece) == zst));
    }
  }
}

TEST_CASE("names say what is compressed") {
  CHECK(make_compressor("a.tsv") == nullptr);
  CHECK(make_compressor("-") == nullptr);
  CHECK(make_compressor("gz") == nullptr);
  CHECK(uncompressed_name("a.safetensors.zst") == "a.safetensors");
  CHECK(uncompressed_name("a.gz.tsv") == "a.gz.tsv");
}

TEST_CASE("an output is compressed by its name, large writes and flushes included") {
  const TempFolder folder;
  const std::string text = lines(600000);
  for (const char* name : {"a.gz", "a.zst", "a"}) {
    const std::string path = folder.path(name);
    Output out(path);
    out.write(std::string_view(text).substr(0, 5));
    out.flush();
    out.write(std::string_view(text).substr(5, 500000));
    out.write(std::string_view(text).substr(500005));
    out.finish();
    const std::string bytes = folder.read(name);
    const bool plain = std::string_view(name) == "a";
    CHECK((plain || bytes == compressed(path, text, 1000)));
    CHECK((!plain || bytes == text));
  }
}

}  // namespace rec::compressor_test
