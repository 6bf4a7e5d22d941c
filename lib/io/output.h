// The one way to write results: a large buffer, every write and close checked,
// and files that appear complete or not at all. For one thread.
#pragma once

#include <string>
#include <string_view>

#include "io/fd.h"

namespace rec {

class Output {
 public:
  // "-" is stdout. A regular file is written beside its place and takes it in
  // finish(); until then, and if the process dies, what stood there stays. A
  // device or pipe is written as it is. Throws Error if it cannot be opened.
  explicit Output(const std::string& path);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  // Without finish(), what was written to a regular file is dropped.
  ~Output();

  // Throws Error on a failed write, BrokenPipe if the reader has gone.
  void write(std::string_view bytes);
  // Hands the buffered bytes to the system now.
  void flush();
  // Flushes, closes and, for a regular file, moves it into place. Only after
  // this has returned is the output there. Call once, last.
  void finish();

  const std::string& name() const { return name_; }

 private:
  void write_all(const char* bytes, size_t size);

  std::string path_;
  std::string name_;
  std::string temporary_;  // the path of the file beside, empty while it has none
  bool rename_ = false;
  FileDescriptor fd_;
  std::string buffer_;
};

}  // namespace rec
