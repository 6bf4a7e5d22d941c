// Interactions from TSV (rec-formats(5)), parsed by several threads.
#pragma once

#include <string>

#include "data/interactions.h"
#include "io/table.h"

namespace rec {

struct LoadedInteractions {
  Interactions data;
  uint64_t bad_lines = 0;  // skipped; 0 unless BadLines::kSkip
  Layout layout;
  // If asked for: the lines of all rows in order, each with LF, cut anywhere
  // between lines.
  std::vector<std::string> lines;
};

// Reads `path` ("-" is stdin). keep_lines: whether the rows' lines are kept, CR
// before LF dropped. Columns that are not wanted are not even checked.
// The result does not depend on `threads`. Throws Error for a malformed line; an
// empty table is no error here.
LoadedInteractions read_interactions(const std::string& path, const ReadOptions& options, OptionalColumns wanted,
                                     int threads, bool keep_lines = false);

}  // namespace rec
