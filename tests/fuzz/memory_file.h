// A file in memory, which the library opens by its path as it opens any other, for tables
// that fuzz targets read and write. For one thread.
#pragma once

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "fuzz/fuzz_target.h"

namespace rec::fuzz {

class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text = {}) : fd_(::memfd_create("table", MFD_CLOEXEC)) {
    if (fd_ < 0) finding("memfd_create failed");
    set(text);
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  void set(std::string_view text) {
    if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
      finding("a file in memory could not be written");
    ::lseek(fd_, 0, SEEK_SET);
  }
  // What was written to it.
  std::string text() const {
    std::string all(static_cast<size_t>(::lseek(fd_, 0, SEEK_END)), '\0');
    if (::pread(fd_, all.data(), all.size(), 0) != static_cast<ssize_t>(all.size())) finding("pread failed");
    return all;
  }
  // Opened anew, from its start.
  std::string path() const { return fmt::format("/proc/self/fd/{}", fd_); }

 private:
  int fd_;
};

}  // namespace rec::fuzz
