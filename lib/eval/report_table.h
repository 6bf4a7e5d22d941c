// How the tables of rec-eval are written: as TSV or, for eyes, in aligned columns, and
// with as many digits as asked for. For one thread.
#pragma once

#include <string>
#include <string_view>

#include "io/output.h"

namespace rec {

struct ReportStyle {
  bool header = true;
  int digits = 0;        // significant digits of a number; 0: as many as tell it from its neighbours
  bool aligned = false;  // blanks in place of TABs, so that columns stand below each other
};

class ReportTable {
 public:
  // `out` must outlive the table.
  ReportTable(Output& out, const ReportStyle& style) : out_(out), style_(style) {}

  // Names separated by TABs, without the line end; not written where the style has no header.
  void header(std::string_view names);
  // A line without its end, fields separated by TABs. TSV is written at once; aligned
  // columns wait for finish().
  void row(std::string_view line);
  // Call once, last.
  void finish();

  // value in the style's digits, or "nan".
  void append(std::string& line, double value) const;

 private:
  Output& out_;
  ReportStyle style_;
  std::string waiting_;
};

// Lines of fields separated by TABs, with each column as wide as its widest field and
// two blanks between columns. Width is counted in characters of UTF-8; bytes that are
// no text are escaped. No line ends in a blank.
std::string aligned_columns(std::string_view lines);

}  // namespace rec
