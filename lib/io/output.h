// The one way to write results: a large buffer, every write and close checked,
// and files that appear complete or not at all. For one thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/interrupt.h"
#include "io/fd.h"

namespace rec {

// Whether finish() waits until the disk has the file, so that a power failure leaves it in
// place. kNo: for scratch files.
enum class Sync { kNo, kYes };

class Output {
 public:
  // "-" is stdout, and so is /dev/stdout (/dev/stderr, /dev/fd/N: what is open there). A regular file is written beside
  // its place and takes it in finish(); until then, and if the process dies, what stood there stays. A device or pipe
  // is written as it is. Behind a symbolic link its target is written, also one that does not exist yet. A file that is
  // replaced keeps its permissions and, if possible, its owner, not its setuid and setgid bits. No signal that can be
  // caught leaves a temporary file; those of runs that were killed are removed where they are older than a minute.
  // Throws Error if it cannot be opened.
  explicit Output(const std::string& path, Sync sync = Sync::kYes);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  // Without finish(), what was written to a regular file is dropped.
  ~Output();

  // Throws Error on a failed write, BrokenPipe if the reader has gone.
  void write(std::string_view bytes);
  // Hands the buffered bytes to the system now.
  void flush();
  // Flushes, closes and, for a regular file, moves it into place and, with
  // Sync::kYes, has both the file and its folder on the disk. Only after
  // this has returned is the output there. Call once, last.
  void finish();

  const std::string& name() const { return name_; }

 private:
  friend void finish_all(std::span<Output* const> outputs);
  // The three steps of finish(): everything that may fail for want of space, the
  // move into place, and its undoing.
  void prepare();
  void commit(bool keep_old);
  void roll_back() noexcept;
  void drop_old() noexcept;
  void sync_folder() const;
  void write_all(const char* bytes, size_t size);

  std::string path_;
  std::string name_;
  std::string temporary_;                    // the path of the file beside, empty while it has none
  std::string old_;                          // a second name of what stood there, for roll_back()
  TemporaryName temporary_name_, old_name_;  // the same two, to be removed by signals
  Sync sync_;
  bool rename_ = false;
  bool committed_ = false;
  bool unsaved_ = false;  // something stood there that could not get a second name
  FileDescriptor fd_;
  std::string buffer_;
};

// finish() for several outputs that belong together: all of them take their
// places or, where one cannot, none does and what stood there stays. All are
// flushed and closed before the first is moved, and interrupts wait until the
// last is; only SIGKILL or a power failure between two renames can part them.
// What went to stdout, a device or a pipe cannot be taken back.
void finish_all(std::span<Output* const> outputs);

}  // namespace rec
