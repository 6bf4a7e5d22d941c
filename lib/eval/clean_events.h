// From the events of a raw log to an experiment table: what is logged twice goes, bots are found, users in several
// variants and events beyond a cap are left out, clicks meet their impressions, and the rest is counted.
// Symbols: E events, U users. Thread rule: pure function; the result is the same for every number of threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eval/raw_events.h"

namespace rec {

struct CleaningOptions {
  bool drop_mixed_users = true;
  bool drop_bots = false;
  std::optional<uint64_t> bot_events;  // of a user; nothing: kBotEvents, or kBotFactor times the user at 90 %
  std::optional<uint64_t> bot_rate;    // events in a minute; nothing: kBotRate, if the times are times since 1970
  uint64_t max_per_user = 0;           // events; 0: all
  // What must come before an event of the same user, variant and item.
  bool click_needs_impression = false;
  bool conversion_needs_impression = false;
  bool conversion_needs_click = false;
  int threads = 1;
};

inline constexpr uint64_t kBotEvents = 100;
inline constexpr uint64_t kBotFactor = 20;
inline constexpr uint64_t kBotRate = 300;

// Users beyond a limit, and the one that is furthest beyond it (of equal ones the first in byte order).
struct Outliers {
  uint64_t limit = 0;
  uint64_t users = 0;
  std::string example;
  uint64_t most = 0;
};

// What was found, in the order of the steps: each sees what the ones before it have left.
struct Cleaning {
  uint64_t rows = 0;
  uint64_t other_events = 0;
  bool can_see_duplicates = false;  // there is a column timestamp or request
  uint64_t rounded_times = 0;
  uint64_t duplicates = 0;  // rows
  uint64_t users = 0;       // with an event of a known kind
  Outliers by_number;
  Outliers by_rate;
  bool has_rate = false;      // times, and their unit is known or a rate was given
  uint64_t bots = 0;          // users, by number or rate
  uint64_t mixed_users = 0;   // users in several variants
  uint64_t capped_users = 0;  // with more events than the cap
  uint64_t events_over_cap = 0;
  uint64_t clicks_without_impression = 0;
  uint64_t conversions_without_impression = 0;
  uint64_t conversions_without_click = 0;  // where that is what it needs
  uint64_t clicks = 0;                     // with those that were left out
  uint64_t conversions = 0;
  std::string time_note;  // how the times were taken; "": as seconds since 1970
};

// A row for each user, item and variant, in byte order of the ids; a column that the log lacks is 0.
struct ExperimentRow {
  uint32_t user, item, variant;
  uint64_t impressions, clicks, conversions;
};

struct CleanedEvents {
  std::vector<ExperimentRow> rows;
  Cleaning cleaning;
};

// 1. Duplicates: events equal in user, item, variant, kind and request; where there is no request, in time in its
//    place. The first by time stays, of equal times the first row. Without both columns none is known.
// 2. Bots: users with more than bot_events events, or more than bot_rate within less than 60 seconds. The user at
//    90 % is the one at place floor(0.9 U), at least 1, in ascending order of their number of events.
// 3. Users in several variants.
// 4. The cap: the first max_per_user events of a user by time (without times, by row), ties by row.
// 5. Clicks and conversions that lack what they need before them are left out. Each impression has one click at
//    most and one conversion, each click one conversion. At equal times an impression is before a click, a click
//    before a conversion; without times all impressions are.
// Memory: 4 bytes an event, and the rows.
CleanedEvents clean_events(const RawEvents& log, const CleaningOptions& options);

}  // namespace rec
