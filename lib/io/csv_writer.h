// Rows of TSV turned into CSV (RFC 4180) on the way out, a piece at a time. One object for one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace rec {

// Fields are split by commas. One that holds a comma, a quote or a CR stands in quotes, and its quotes are doubled.
// Lines end in LF. csv.h reads the same fields back, but for a CR, which it refuses. What comes out depends on the
// text alone, not on how it is cut.
class CsvWriter {
 public:
  // Appends to `to` all fields that are complete; the last one is held back until its end is there.
  void convert(std::string_view rows, std::string& to);
  // Appends the rest. Call once, last.
  void finish(std::string& to);

 private:
  std::string waiting_;  // the beginning of a field
  bool plain_ = true;    // nothing in it asks for quotes
};

// For a file of that name: one that ends in .csv, or in .csv.gz or .csv.zst; none for others.
std::unique_ptr<CsvWriter> make_csv_writer(std::string_view path);

}  // namespace rec
