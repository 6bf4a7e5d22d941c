// File descriptors that close themselves. Not shared between threads.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace rec {

// Owns a descriptor, or borrows one of the standard three (never closed here).
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd, bool owned = true) : fd_(fd), owned_(owned) {}
  FileDescriptor(FileDescriptor&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), owned_(std::exchange(other.owned_, false)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(owned_, other.owned_);
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  // Closes now; a failure to close an owned descriptor (a full disk may show
  // only here) throws Error naming `name`.
  void close(const std::string& name);

 private:
  int fd_ = -1;
  bool owned_ = false;
};

// Opens `path` for reading; "-" is stdin. A folder is refused.
// Throws Error "PATH: <reason>".
FileDescriptor open_input(const std::string& path);

// What messages call a path: "stdin" for "-", else the path.
std::string input_name(const std::string& path);
// The same for several: "a.tsv, b.tsv".
std::string input_names(const std::vector<std::string>& paths);

}  // namespace rec
