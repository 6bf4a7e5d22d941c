#include "io/compressor.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <new>

#include "base/error.h"

namespace rec {
namespace {

constexpr size_t kRoom = size_t{1} << 16;  // for each call of a library

class GzipCompressor : public Compressor {
 public:
  GzipCompressor() {
    constexpr int kGzip = 16;  // the wrapper, in zlib's way to say so; it has no name and no time
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  GzipCompressor(const GzipCompressor&) = delete;
  GzipCompressor& operator=(const GzipCompressor&) = delete;
  ~GzipCompressor() override { deflateEnd(&stream_); }

 protected:
  void encode(std::string_view bytes, bool last, std::string& to) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // which zlib does not write to
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      const size_t size = to.size();
      to.resize(size + kRoom);
      stream_.next_out = reinterpret_cast<Bytef*>(to.data() + size);
      stream_.avail_out = static_cast<uInt>(kRoom);
      deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      to.resize(to.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
};

class ZstdCompressor : public Compressor {
 public:
  ZstdCompressor() : context_(ZSTD_createCCtx(), ZSTD_freeCCtx) {
    if (!context_) throw std::bad_alloc();
    check(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1));
  }

 protected:
  void encode(std::string_view bytes, bool last, std::string& to) override {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (size_t left = 1; last ? left > 0 : in.pos < in.size;) {
      const size_t size = to.size();
      to.resize(size + kRoom);
      ZSTD_outBuffer out{to.data() + size, kRoom, 0};
      left = check(ZSTD_compressStream2(context_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue));
      to.resize(size + out.pos);
    }
  }

 private:
  static size_t check(size_t result) {
    if (ZSTD_isError(result)) fail("Zstandard: {}", ZSTD_getErrorName(result));
    return result;
  }

  std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context_;
};

}  // namespace

void Compressor::compress(std::string_view bytes, std::string& to) {
  while (!bytes.empty()) {
    const size_t taken = std::min(kPiece - waiting_.size(), bytes.size());
    waiting_ += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    if (waiting_.size() < kPiece) return;
    encode(waiting_, false, to);
    waiting_.clear();
  }
}

void Compressor::finish(std::string& to) {
  encode(waiting_, true, to);
  waiting_.clear();
}

std::unique_ptr<Compressor> make_compressor(std::string_view path) {
  if (path.ends_with(".gz")) return std::make_unique<GzipCompressor>();
  if (path.ends_with(".zst")) return std::make_unique<ZstdCompressor>();
  return nullptr;
}

std::string_view uncompressed_name(std::string_view path) {
  for (const std::string_view end : {".gz", ".zst"}) {
    if (path.ends_with(end)) return path.substr(0, path.size() - end.size());
  }
  return path;
}

}  // namespace rec
