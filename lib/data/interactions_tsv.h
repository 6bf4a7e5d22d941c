// Interactions from TSV (rec-formats(5)), parsed by several threads.
#pragma once

#include <string>

#include "data/interactions.h"
#include "io/table.h"

namespace rec {

struct LoadedInteractions {
  Interactions data;
  uint64_t bad_lines = 0;  // skipped; 0 unless BadLines::kSkip
};

// Reads `path` ("-" is stdin). want_value, want_timestamp: whether those columns
// are read where they are there; columns not wanted are not even checked.
// The result does not depend on `threads`. Throws Error for a malformed line; an
// empty table is no error here.
LoadedInteractions read_interactions(const std::string& path, const ReadOptions& options, bool want_value,
                                     bool want_timestamp, int threads);

}  // namespace rec
