// gzip and Zstandard on the way out, a piece at a time. One object for one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace rec {

// Turns the pieces of a text into one gzip member or one Zstandard frame, with a checksum. What comes out depends on
// the text alone, not on how it is cut.
class Compressor {
 public:
  virtual ~Compressor() = default;
  // Appends to `to` what is ready of the compressed bytes; the rest is held back.
  void compress(std::string_view bytes, std::string& to);
  // Appends the rest. Call once, last.
  void finish(std::string& to);

 protected:
  // Compresses `bytes`; last: nothing follows.
  virtual void encode(std::string_view bytes, bool last, std::string& to) = 0;

 private:
  static constexpr size_t kPiece = size_t{1} << 17;  // encode() always gets as much, but for the last time
  std::string waiting_;
};

// What a file of that name is to be: .gz and .zst say so; none for others. The levels are the defaults of zlib and
// libzstd.
std::unique_ptr<Compressor> make_compressor(std::string_view path);

// `path` without the .gz or .zst that make_compressor() goes by.
std::string_view uncompressed_name(std::string_view path);

}  // namespace rec
