// The bytes of a file or a pipe, decompressed where the first of them say gzip or Zstandard. One thread calls it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "io/fd.h"

namespace rec {

// What a file is compressed with, as its first bytes say.
enum class Compression { kNone, kGzip, kZstd };

class Decompressor;

class ByteSource {
 public:
  // Opens `path` ("-" is stdin) and reads nothing yet. Throws Error "PATH: <reason>".
  explicit ByteSource(const std::string& path);
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;
  ~ByteSource();

  const std::string& name() const { return name_; }
  const FileDescriptor& fd() const { return fd_; }

  // From now on a large part of a plain file is read by up to so many threads, each a part of it. 1 at first.
  void set_threads(int threads) { threads_ = threads; }
  int threads() const { return threads_; }

  // Reads up to `room` > 0 plain bytes; 0 at the end. Throws Error for a failed read, and for compressed bytes
  // that are damaged or end too early.
  size_t read(char* to, size_t room);

  // The next `count` plain bytes, fewer at the end, which read() still gives. Waits for them. Valid until the next
  // call.
  std::string_view peek(size_t count);

  // Known once something was read.
  bool is_compressed() const { return decompressor_ != nullptr; }
  // Read from the file so far, and its size (0: a pipe); compressed bytes where it is compressed.
  uint64_t file_bytes_read() const { return file_bytes_; }
  uint64_t file_size() const { return file_size_; }
  // What is left of a plain file, as far as its size is known; 0 of a pipe and of what is compressed.
  uint64_t bytes_left() const {
    return is_compressed() || file_size_ < file_bytes_ ? 0 : file_size_ - file_bytes_ + ahead_.size() + n_first_;
  }

 private:
  size_t read_file(char* to, size_t room);
  size_t read_parts(char* to, size_t room);
  void look_at_first_bytes();
  size_t decompress(char* to, size_t room);
  size_t read_next(char* to, size_t room);

  std::string name_;
  FileDescriptor fd_;
  uint64_t file_bytes_ = 0;
  uint64_t file_size_ = 0;
  int threads_ = 1;
  bool started_ = false;
  bool ended_ = false;  // a terminal may go on after its end, and is not asked again
  Compression compression_ = Compression::kNone;
  std::unique_ptr<Decompressor> decompressor_;  // null: the bytes are plain
  std::unique_ptr<char[]> raw_;                 // compressed bytes, [raw_begin_, raw_end_) still to decode
  const char* raw_begin_ = nullptr;
  const char* raw_end_ = nullptr;
  char first_[4];  // the first bytes of a plain file, until they are handed out
  size_t n_first_ = 0;
  std::string ahead_;  // plain bytes that peek() has read
};

}  // namespace rec
