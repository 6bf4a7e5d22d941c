// Fields split by runs of blanks, as TREC's files have them, turned into fields
// split by one TAB: the text that LineCursor reads. For one thread.
#pragma once

#include <cstddef>

namespace rec {

class BlankSqueezer {
 public:
  // Rewrites the next `size` bytes of a text in place and returns how many are
  // left: a run of spaces and TABs becomes one TAB, and none where it begins or
  // ends a line. The last run may be left to the next call, so a byte more than
  // was handed in can come back. line_start: whether the bytes begin a line, but
  // for blanks. REQUIRES: text[size] may be written.
  size_t squeeze(char* text, size_t size, bool line_start);

 private:
  bool blank_ = false;  // a run of blanks that may become a TAB ended the last bytes
};

}  // namespace rec
