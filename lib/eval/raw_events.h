// A raw event log: one row an event, as services write it, read into memory.
// Thread rule: values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "data/id_table.h"
#include "eval/event_kinds.h"
#include "io/table.h"

namespace rec {

// E events of a known kind, in the order of their rows. Columns that the log lacks are empty.
// 21 bytes an event, and 4 for each of item and request; ids beside them.
struct RawEvents {
  std::string name;  // of the file, for messages
  IdTable users, items, variants, requests;
  std::vector<uint32_t> user, item, variant;
  std::vector<uint32_t> request;  // kNoId: the field is empty
  std::vector<EventKind> kind;
  std::vector<Time> time;
  bool dates = false;  // times are dates: seconds
  uint64_t rows = 0;   // of the log, other events included
  uint64_t bad_lines = 0;
  uint64_t rounded_times = 0;
  uint64_t other_events = 0;             // rows whose event is of no known kind; they are not kept
  std::vector<std::string> other_names;  // of these, the first kOtherNames, in the order of the rows

  static constexpr size_t kOtherNames = 8;
};

// Positional order without a header: user item event [timestamp], for an experiment user item variant event
// [timestamp]. variant and request need a header or --columns; a header need not name the item.
TableSpec raw_events_spec(bool experiment = false);

struct RawEventsOptions {
  std::string path = "-";
  ReadOptions read;
  EventKinds kinds;
  bool experiment = false;  // without a header, the third column is the variant; there must be one
  int threads = 1;
};

// Names of other events for a message: "tap, scroll", and "..." where there may be more.
std::string listed(const std::vector<std::string>& other_names);

// Throws Error for a malformed line (an empty id, a time that is none, dates among numbers), a log without rows,
// one of more than 2^32 - 2 events, and an experiment without a column variant.
RawEvents read_raw_events(const RawEventsOptions& options);

}  // namespace rec
