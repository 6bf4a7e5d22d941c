// Interactions from TSV (rec-formats(5)), parsed by several threads.
#pragma once

#include <string>

#include "data/event_values.h"
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
// Timestamps are all numbers or all dates, as the first row that has one; a row of the
// other kind is malformed.
// events: the table has a column event in place of value; the value of a row is that of
// its event, which takes its place in the kept lines. An event without a value is malformed.
// The result does not depend on `threads`. Throws Error for a malformed line; an
// empty table is no error here.
LoadedInteractions read_interactions(const std::string& path, const ReadOptions& options, OptionalColumns wanted,
                                     int threads, bool keep_lines = false, const EventValues* events = nullptr);

}  // namespace rec
