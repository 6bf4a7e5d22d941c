#include "io/decompressor.h"

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <climits>

#include "base/error.h"

namespace rec {
namespace {

class GzipDecompressor : public Decompressor {
 public:
  explicit GzipDecompressor(const std::string& name) : name_(name) {
    if (::inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) fail("{}: zlib cannot start", name_);  // 16: gzip alone
  }
  ~GzipDecompressor() override { ::inflateEnd(&stream_); }
  GzipDecompressor(const GzipDecompressor&) = delete;
  GzipDecompressor& operator=(const GzipDecompressor&) = delete;

  size_t decompress(const char*& in, const char* end, char* to, size_t room) override {
    if (between_members_) {
      // Tapes and block devices pad with zero bytes, as gzip knows.
      while (in < end && *in == '\0') ++in;
      if (in == end) return 0;
      if (::inflateReset(&stream_) != Z_OK) fail("{}: zlib cannot start", name_);
      between_members_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in));
    stream_.avail_in = static_cast<uInt>(end - in);
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(room, UINT_MAX));
    const size_t before = stream_.avail_out;
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    in = end - stream_.avail_in;
    if (result == Z_STREAM_END) {
      between_members_ = true;
      members_ = true;
    } else if (result == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      const char* const why = stream_.msg != nullptr ? stream_.msg : "a damaged block";
      fail("{}: the gzip data are damaged{}: {}; see gzip -t", name_, members_ ? " or something else follows them" : "",
           why);
    }
    return before - stream_.avail_out;
  }
  bool complete() const override { return between_members_; }

 private:
  std::string name_;
  z_stream stream_{};
  bool between_members_ = false;
  bool members_ = false;  // one at least has been read whole
};

class ZstdDecompressor : public Decompressor {
 public:
  explicit ZstdDecompressor(const std::string& name) : name_(name), stream_(::ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }
  ~ZstdDecompressor() override { ::ZSTD_freeDStream(stream_); }
  ZstdDecompressor(const ZstdDecompressor&) = delete;
  ZstdDecompressor& operator=(const ZstdDecompressor&) = delete;

  size_t decompress(const char*& in, const char* end, char* to, size_t room) override {
    ZSTD_inBuffer from{in, static_cast<size_t>(end - in), 0};
    ZSTD_outBuffer out{to, room, 0};
    if (from.size == 0 && complete_) return 0;  // what the decoder held back went out before the frame ended
    const size_t result = ::ZSTD_decompressStream(stream_, &out, &from);
    in += from.pos;
    if (::ZSTD_isError(result)) {
      if (::ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge)
        fail("{}: a Zstandard window of more than 128 MiB (zstd --long): read it as zstd -dc --long=31 FILE | ...",
             name_);
      fail("{}: the Zstandard data are damaged: {}; see zstd -t", name_, ::ZSTD_getErrorName(result));
    }
    complete_ = result == 0;
    return out.pos;
  }
  bool complete() const override { return complete_; }

 private:
  std::string name_;
  ZSTD_DStream* stream_;
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<Decompressor> make_gzip_decompressor(const std::string& name) {
  return std::make_unique<GzipDecompressor>(name);
}
std::unique_ptr<Decompressor> make_zstd_decompressor(const std::string& name) {
  return std::make_unique<ZstdDecompressor>(name);
}

}  // namespace rec
