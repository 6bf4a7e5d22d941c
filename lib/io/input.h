// Text from a file or a pipe (compressed or not, io/byte_source.h), in chunks of whole lines. One thread calls next();
// any number may read the chunk's text.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/blanks.h"
#include "io/byte_source.h"
#include "io/csv.h"

namespace rec {

// Bytes that may be read (not used) behind any text handed out by Input, so
// that vector loops need no special case at the end.
inline constexpr size_t kTextPadding = 64;

class Input {
 public:
  static constexpr size_t kChunkBytes = size_t{1} << 20;
  // Of a line in compressed data: a few bytes of them could be any number of bytes without a line end.
  static constexpr size_t kMostLine = size_t{64} << 20;

  // What splits the fields of a line.
  enum class Fields { kTabs, kBlanks, kCsv };

  // Opens `path` ("-" is stdin); throws Error if that fails. kBlanks: text() has a
  // TAB for every run of blanks (io/blanks.h), and lacks lines that are empty or whose
  // first byte but for blanks is #. kCsv: it has a TAB for every delimiter (io/csv.h).
  explicit Input(const std::string& path, size_t chunk_bytes = kChunkBytes, Fields fields = Fields::kTabs,
                 const std::string& delimiter = ",")
      : Input(ByteSource(path), chunk_bytes, fields, delimiter) {}
  // What is left of `source`.
  Input(ByteSource source, size_t chunk_bytes, Fields fields, const std::string& delimiter);

  const std::string& name() const { return source_.name(); }

  // Reads the next chunk: at least one whole line, about chunk_bytes where the
  // lines are shorter than that. Returns false at the end of the input.
  // Every line in text() ends in LF: one is added to a last line without it.
  // What text() gave before is dead afterwards. Throws Error on a failed read.
  [[nodiscard]] bool next();
  std::string_view text() const { return {buffer_.get() + begin_, end_ - begin_}; }

  // Leaves the bytes from `from` on (the start of a line of text()) to the next
  // chunk, which is then larger than chunk_bytes if need be.
  void keep_from(const char* from);
  // The bytes to read for each chunk from now on.
  void set_chunk_bytes(size_t bytes) { chunk_bytes_ = bytes; }
  // From now on next() waits for one whole line and gives those that have come, be they few: for an input whose
  // writer waits for an answer before it goes on.
  void give_as_it_comes() { as_it_comes_ = true; }
  // True when the whole input has been read into text().
  bool at_end() const { return at_end_; }

  // The number, from 1, of the line of the file that holds the byte at `where` of text().
  uint64_t line_of(const char* where) const { return line_of_kept(kept_line_of(where)); }
  // The same among the lines that text() has, and from that the line of the file.
  uint64_t kept_line_of(const char* where) const;
  uint64_t line_of_kept(uint64_t kept) const;
  // kCsv: why the record that begins at this line of the file is not a line of a table, if it is the first such.
  const CsvConverter::Problem* csv_problem(uint64_t line) const;
  // Of the file, compressed if it is.
  uint64_t bytes_read() const { return source_.file_bytes_read(); }
  // What bytes_read() will be at the end: the size of a file, 0 for a pipe.
  uint64_t bytes_total() const { return source_.file_size(); }

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  void reserve(size_t bytes);
  size_t read_some(size_t want);
  size_t rewrite(char* text, size_t size);
  size_t drop_comments(char* text, size_t size);

  ByteSource source_;
  size_t chunk_bytes_;
  Fields fields_;
  BlankSqueezer blanks_;
  std::optional<CsvConverter> csv_;
  bool line_start_ = true;              // kBlanks: the bytes read so far end a line
  bool in_comment_ = false;             // or are within a comment
  uint64_t kept_lines_ = 0;             // ended so far
  std::vector<uint64_t> dropped_;       // for each dropped line the number of kept ones before it
  std::unique_ptr<char, Free> buffer_;  // realloc moves pages, and clears none
  size_t capacity_ = 0;
  size_t begin_ = 0;  // text() is [begin_, end_)
  size_t end_ = 0;
  size_t filled_ = 0;          // bytes in buffer_; [end_, filled_) is the next chunk's start
  uint64_t lines_read_ = 0;    // line ends in all that was read
  uint64_t lines_before_ = 0;  // of these, those before text()
  bool at_end_ = false;
  bool as_it_comes_ = false;
};

// Cuts `text` (whole lines) into at most `pieces` parts of whole lines and about
// equal size, in order; empty parts are left out.
std::vector<std::string_view> split_lines(std::string_view text, size_t pieces);

}  // namespace rec
