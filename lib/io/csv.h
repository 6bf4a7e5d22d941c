// CSV (RFC 4180) turned into lines whose fields are split by TABs, as LineCursor reads them. For one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rec {

// What the command line says of CSV.
struct CsvOptions {
  bool all = false;       // --csv, or --delimiter: all tables but those that are named .tsv
  std::string delimiter;  // --delimiter; "": a comma
};

// What splits the fields of the table at `path`: nothing for TSV. A name that ends in .csv (or .csv.gz, .csv.zst)
// says CSV and .tsv says TSV; other names, and stdin, are what the options say.
std::optional<std::string> csv_delimiter(const std::string& path, const CsvOptions& options);

// Throws UsageError unless `delimiter` is one byte, not a quote or a line end, or "::".
void check_delimiter(const std::string& delimiter);

class CsvConverter {
 public:
  // A record that cannot be a line of a table.
  struct Problem {
    uint64_t line = 0;  // of the file, from 1: where the record begins
    int field = 0;      // from 1
    std::string text;
  };
  // Bytes behind the text that convert() may write to.
  static constexpr size_t kRoom = 2;

  // name: of the file, for errors. With "::" quotes have no meaning.
  CsvConverter(const std::string& name, const std::string& delimiter);

  // Rewrites the next `size` bytes of the file in place and returns how many are left, at most size + kRoom. Quotes
  // are removed, "" within quotes becomes ". A record with a TAB in a field, a line end within quotes or text behind
  // a closing quote becomes a line with another number of fields than the first, so that the reader finds it.
  // Throws Error where a quote is still open after kMostQuoted bytes.
  size_t convert(char* text, size_t size);
  // What is still to be written at the end of the file, at most kRoom bytes; 0 when called again.
  size_t finish(char* text);

  // The first such record.
  const std::optional<Problem>& problem() const { return problem_; }
  // For each line end within quotes the number of records up to and with its own: the lines that were joined.
  const std::vector<uint64_t>& joined_lines() const { return joined_; }

 private:
  enum class State { kFieldStart, kInField, kQuoted, kQuoteInQuoted, kBehindQuote };
  static constexpr size_t kMostQuoted = size_t{1} << 20;

  bool convert_plain(char* text, size_t size, size_t& made);
  size_t convert_plain_pairs(char* text, size_t size);
  void refuse(const char* text);
  bool is_surplus_needed() const;
  void end_record();

  std::string name_;
  char delimiter_;
  bool pair_;              // ::
  bool half_ = false;      // the bytes so far end in one :
  size_t byte_order_ = 0;  // bytes of a byte order mark seen; kNoMark: behind it
  static constexpr size_t kNoMark = 3;
  State state_ = State::kFieldStart;
  uint64_t records_ = 0;     // ended so far
  size_t first_fields_ = 0;  // of the first record
  size_t field_ = 1;         // of the current record
  bool refused_ = false;     // the current record is a problem
  size_t quoted_ = 0;        // bytes since the quote opened
  size_t joins_ = 0;         // line ends within quotes of the current record
  std::vector<uint64_t> joined_;
  std::optional<Problem> problem_;
};

}  // namespace rec
