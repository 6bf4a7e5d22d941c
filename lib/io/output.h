// The one way to write results: a large buffer, every write and close checked,
// and files that appear complete or not at all. For one thread.
#pragma once

#include <sys/types.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/signals.h"
#include "io/compressor.h"
#include "io/csv_writer.h"
#include "io/fd.h"

namespace rec {

// Whether finish() waits until the disk has the file, so that a power failure leaves it in
// place. kNo: for scratch files.
enum class Sync { kNo, kYes };

// When rows leave the buffer: when it is full, or whenever some of them are complete (end_rows()).
enum class Buffering { kBlocks, kRows };

// When a regular file is there for others: complete, in finish(), or as it is written.
enum class Appearance { kComplete, kGrowing };

class Output {
 public:
  // "-" is stdout, and so is /dev/stdout (/dev/stderr, /dev/fd/N: what is open there). A regular file is written beside
  // its place and takes it in finish(); until then, and if the process dies, what stood there stays. A device or pipe
  // is written as it is. Behind a symbolic link its target is written, also one that does not exist yet. A file that is
  // replaced keeps its permissions and, if possible, its owner and group, not its setuid and setgid bits.
  // Any of these but stdout is compressed where `path` ends in .gz or .zst; rows of TSV become CSV where it ends in
  // .csv, .csv.gz or .csv.zst, unless no_table() says that they are none.
  // No signal that can be caught leaves a temporary file. Those beside this path that killed runs left are removed:
  // they have the name of one, and no process holds the lock that each holds on its own as long as it lives.
  // With Appearance::kGrowing a regular file is written in its place: what stood there stays until the first flush(),
  // and what was flushed stays if the process dies. Throws Error if it cannot be opened.
  explicit Output(const std::string& path, Sync sync = Sync::kYes, Buffering buffering = Buffering::kBlocks,
                  Appearance appearance = Appearance::kComplete);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  // Without finish(), what was written to a regular file is dropped.
  ~Output();

  // What follows is a model, JSON or another text that is no table: it is written as it is under any name. Call before
  // the first write.
  void no_table() { csv_.reset(); }
  // Throws Error on a failed write, BrokenPipe if the reader has gone.
  void write(std::string_view bytes);
  // Says that what was written so far are whole rows and that more may take a while: flush() with Buffering::kRows.
  void end_rows() {
    if (buffering_ == Buffering::kRows) flush();
  }
  Buffering buffering() const { return buffering_; }
  // Hands the buffered bytes to the system now; a compressed file, and CSV, hold back what they need.
  void flush();
  // Flushes, closes and, for a regular file, moves it into place and, with
  // Sync::kYes, has both the file and its folder on the disk. Only after
  // this has returned is the output there. When it throws, what stood there
  // stays (where the file system has hard links, which it takes for that). Call once, last.
  void finish();

  const std::string& name() const { return name_; }

 private:
  friend void finish_all(std::span<Output* const> outputs);
  void open_beside(mode_t mode);
  bool hold();
  void give_to(uid_t owner, gid_t group);
  // The steps of finish(): all that may fail for want of space; a name for a file without one;
  // the move into place, and its undoing.
  void prepare();
  void give_name();
  void keep_old();
  void commit();
  void sync_folder() const;
  void roll_back() noexcept;
  void drop_old() noexcept;
  void pass_on(std::string_view bytes);
  void write_compressed(std::string_view bytes);
  void write_all(std::string_view bytes);

  std::string path_;
  std::string name_;
  Sync sync_;
  Buffering buffering_;
  std::string temporary_;         // the path of the file beside, empty while it has none
  TemporaryName temporary_name_;  // the same, to be removed by signals
  std::string second_name_;       // for what stood there, so that roll_back() can bring it back
  std::string old_;               // the same, once it has it
  FileDescriptor old_lock_;       // on it: it is in use
  FileDescriptor folder_;         // with Sync::kYes, where it can be opened
  bool rename_ = false;
  bool grows_ = false;     // a regular file in its place
  bool replaces_ = false;  // and what stands there has yet to go
  bool committed_ = false;
  bool unsaved_ = false;  // something stood there that could not get a second name
  FileDescriptor fd_;
  std::string buffer_;
  std::unique_ptr<CsvWriter> csv_;  // none: the rows stay TSV
  std::string converted_;
  std::unique_ptr<Compressor> compressor_;  // none: the bytes go out as they are
  std::string compressed_;
};

// finish() for several outputs that belong together: all of them take their
// places or, where one cannot, none does and what stood there stays. All are
// flushed, on the disk (Sync::kYes) and closed before the first is moved, and signals wait
// until the last is; only SIGKILL or a power failure between two renames can part them.
// What went to stdout, a device or a pipe cannot be taken back.
void finish_all(std::span<Output* const> outputs);

}  // namespace rec
