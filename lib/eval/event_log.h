// An event log read: one row an impression with click and conversion as 0 or 1,
// or counts; with a column variant, an experiment.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/table.h"
#include "metrics/ab_test.h"

namespace rec {

struct EventLogOptions {
  std::string path = "-";
  ReadOptions read;
  bool experiment = false;  // without a header, the third column is the variant
  bool by_user = false;     // keep sums by user, also where there is no variant
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
  uint64_t users_in_several_variants = 0;  // each is a user of every one of them
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

}  // namespace rec
