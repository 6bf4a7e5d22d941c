// An event log read: one row an impression with click and conversion as 0 or 1,
// counts, or a raw log of one row an event; with a column variant, an experiment.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eval/clean_events.h"
#include "io/table.h"
#include "metrics/ab_test.h"

namespace rec {

// How a raw log becomes counts.
struct RawLogOptions {
  EventKinds kinds;
  CleaningOptions cleaning;  // but what an event needs before it: that is told from the metrics
  bool table = false;        // keep the experiment table
};

// What is left of a raw log, with the ids of its rows.
struct ExperimentTable {
  IdTable users, items, variants;  // the last two are empty where the log lacks the column
  std::vector<ExperimentRow> rows;
};

struct EventLogOptions {
  std::string path = "-";
  ReadOptions read;
  bool experiment = false;             // without a header, the third column is the variant
  bool by_user = false;                // keep sums by user, also where there is no variant
  std::optional<RawLogOptions> raw{};  // the log is a raw one
  int threads = 1;
};

struct EventLog {
  std::string name;    // of the file, for messages
  EventCounts counts;  // of all rows; but rating is 0: sums by user have it
  bool has_impressions = false;
  bool has_clicks = false;
  bool has_conversions = false;
  bool has_ratings = false;
  uint64_t rows = 0;
  uint64_t bad_lines = 0;
  // Sums by user, users in order of first appearance, variants in byte order of
  // their names. Without a variant column one variant without a name; empty where
  // no sums were kept.
  bool has_users = false;  // false: each row is a user of its own
  bool has_variants = false;
  std::vector<Variant> variants;
  uint64_t users = 0;
  uint64_t users_in_several_variants = 0;  // each is a user of every one of them; a raw log may have lost them
  // Of a raw log.
  std::optional<Cleaning> cleaning;
  std::vector<std::string> other_names;  // of events of no known kind, some
  std::vector<EventKind> missing;        // kinds that a metric needs and --event-kinds names, and no event is of
  std::optional<ExperimentTable> table;  // if asked for
};

// Positional order without a header: user item impressions clicks conversions, for
// an experiment user item variant impressions clicks conversions. The columns
// click, conversion and rating need a header or --columns; an empty rating is
// none. A header (or --columns) need not name user and item: a rate needs neither, and
// without users the rows are the units.
TableSpec events_spec(bool experiment = false);

// Streams, in constant memory unless sums by user are kept (a column variant, a
// rating to average, or by_user): then about 50 bytes a user. Throws Error for a
// line whose counts are no numbers >= 0 without fraction, or contradict a metric
// (more clicks than impressions), for a table that lacks a column that a metric
// needs, and for one without rows.
EventLog read_event_log(const EventLogOptions& options, std::span<const Metric> metrics);

// The same of a raw log (eval/raw_events.h), which is kept in memory and cleaned (eval/clean_events.h). For ctr and cvr
// clicks and conversions need an impression before them, for cr conversions need a click. Throws Error for a
// log without events of a kind that a metric needs but with others whose names say nothing, and where no user is left.
// REQUIRES: options.raw.
EventLog read_raw_event_log(const EventLogOptions& options, std::span<const Metric> metrics);

}  // namespace rec
