// Interactions from a table of text, parsed by several threads, or from a binary file (rec-formats(5)).
#pragma once

#include <string>

#include "data/event_values.h"
#include "data/interactions.h"
#include "io/table.h"

namespace rec {

struct WholeFile;  // data/artefact_codec.h

// user item [value [timestamp [weight]]]: interactions with the weight of each row.
TableSpec weighted_interactions_spec();

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
// The column weight is known where it is wanted alone; a weight that is not above 0 is malformed.
// Timestamps are all numbers or all dates, as the first row that has one; a row of the
// other kind is malformed.
// events: the table has a column event in place of value; the value of a row is that of
// its event, which takes its place in the kept lines. An event without a value is malformed.
// The result does not depend on `threads`. Throws Error for a malformed line; an
// empty table is no error here.
// A file that begins as interactions in binary do is read as such; its kept lines are the rows as text.
LoadedInteractions read_interactions(const std::string& path, const ReadOptions& options, OptionalColumns wanted,
                                     int threads, bool keep_lines = false, const EventValues* events = nullptr);
// The same of what is left of `source`, which `path` names.
LoadedInteractions read_interactions(ByteSource source, const std::string& path, const ReadOptions& options,
                                     OptionalColumns wanted, int threads, bool keep_lines = false,
                                     const EventValues* events = nullptr);

// The same of a binary file that has been opened, `name` for messages, and of those behind it in `options`.
// REQUIRES: holds_interactions() (data/interactions_safetensors.h).
LoadedInteractions read_binary_interactions(const WholeFile& file, const std::string& name, const std::string& path,
                                            const ReadOptions& options, OptionalColumns wanted, int threads,
                                            bool keep_lines = false, const EventValues* events = nullptr);

}  // namespace rec
