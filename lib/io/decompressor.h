// gzip and Zstandard, a piece at a time. One object for one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace rec {

// Turns compressed bytes into plain ones. Members (gzip) and frames (Zstandard) that follow each other are one
// text. Memory: gzip 32 KiB, Zstandard at most 128 MiB, whatever the file holds.
class Decompressor {
 public:
  virtual ~Decompressor() = default;
  // Takes bytes from `in` and moves it on, writes at most `room` bytes to `to` and returns how many; 0 asks for
  // more of `in`. Throws Error "NAME: ..." for bytes that are not what they should be.
  virtual size_t decompress(const char*& in, const char* end, char* to, size_t room) = 0;
  // Whether the bytes so far may be all: no member is cut off.
  virtual bool complete() const = 0;
};

std::unique_ptr<Decompressor> make_gzip_decompressor(const std::string& name);
std::unique_ptr<Decompressor> make_zstd_decompressor(const std::string& name);

}  // namespace rec
