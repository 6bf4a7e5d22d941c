// Splits an interactions table into files: what rec-split does, without its
// command line. For one thread.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "data/event_values.h"
#include "data/propensity.h"
#include "data/row_filters.h"
#include "data/split.h"
#include "data/split_folds.h"
#include "io/output.h"
#include "io/table.h"

namespace rec {

enum class RowOrder { kTime, kInput };  // what tells early from late

// A member without a value was not asked for; which ones apply depends on the
// method.
struct SplitOptions {
  std::string input = "-";            // read.more_files are read behind it
  std::optional<SplitMethod> method;  // required
  // Train, validation, test; "" is none. For several splits (kFolds, kWindows) the "%d" in
  // each name is the number of the split, from 1.
  std::array<std::string, 3> files;
  std::optional<double> test_fraction;   // default 0.2
  std::optional<double> valid_fraction;  // default 0.1 if there is a validation file
  std::optional<TimeField> test_from;    // cut times, instead of fractions; kWindows: where the first begins
  std::optional<TimeField> valid_from;
  std::optional<uint64_t> leave;        // rows a user; required for kLeaveKOut
  std::optional<uint64_t> seed;         // default 1
  std::optional<RowOrder> order;        // default kTime
  std::optional<uint64_t> folds;        // required for kFolds
  std::optional<FoldUnit> folds_of;     // default kPairs
  std::optional<Duration> window;       // required for kWindows
  std::optional<uint64_t> windows;      // see WindowPlan::count
  std::optional<Duration> session_gap;  // whole sessions stay together
  bool baskets = false;                 // the same for rows of equal user and time
  bool session_column = false;          // a column with USER:N is added
  std::optional<double> propensity;     // the power of PropensityWeights; a column weight is added
  std::optional<double> clip;           // of the weights; default 10
  std::optional<EventValues> events;    // there is a column event in place of value
  DuplicateRows duplicates = DuplicateRows::kKeep;
  std::optional<double> min_value;
  std::optional<Duration> dedup_window;  // data/row_filters.h, in this order
  std::optional<uint64_t> drop_bursts;
  std::optional<uint64_t> max_per_day;
  std::optional<uint64_t> k_core;  // both of the next
  std::optional<uint64_t> min_per_user;
  std::optional<uint64_t> min_per_item;
  bool drop_repeated = false;
  bool drop_cold = false;
  bool allow_empty = false;
  // The first line of the outputs: given whether the input has a header.
  std::function<bool(bool input_has_header)> with_header = [](bool has) { return has; };
  ReadOptions read;
  int threads = 1;
  Sync sync = Sync::kYes;       // of the files
  bool replace_inputs = false;  // whether a numbered file may be one that is read
};

// Throws UsageError for options that are missing, out of range, contradict each
// other or do not apply to the method. Reads nothing.
void check_split_options(const SplitOptions& options);

// What happened; an optional without a value: that filter was not asked for.
struct SplitDone {  // one split, of several perhaps
  std::array<std::string, 3> files;
  std::array<PartCounts, 3> parts;
  SplitNotes notes;
  std::optional<Window> window;  // kWindows
  Repeated repeated;             // rows that repeat a pair of train; with drop_repeated they are removed
  size_t after_test = 0;         // train rows later than some test row; cuts_each_user()
  std::optional<size_t> cold;
  std::vector<double> weights;    // by item, of --propensity
  std::optional<size_t> clipped;  // train rows whose weight is the clip
};

struct SplitReport {
  std::string input;                     // its name for messages
  PartCounts all;                        // of the input (users and items; nothing is cold)
  bool dates = false;                    // its timestamps are dates
  std::vector<std::string> input_notes;  // rows, users, items and columns of the input; what looks wrong there
  std::vector<std::string> notes;
  uint64_t bad_lines = 0;
  std::optional<size_t> without_value;  // events of value 0
  std::optional<size_t> sessions;
  std::optional<size_t> below_min_value;
  std::optional<size_t> repeats;
  std::optional<BurstsRemoved> bursts;
  std::optional<DaysRemoved> days;
  std::optional<size_t> duplicates;
  std::optional<CoreRemoved> core;
  std::vector<SplitDone> splits;  // one; as many as there are folds or windows
};

// Reads, finds the sessions, filters (events, value, repeats, bursts, days, duplicates, core: in this order),
// splits, checks that nothing leaks and writes. The outputs appear all complete or not at all.
// REQUIRES: check_split_options(). Throws Error also if a part with a file would
// be empty, unless allow_empty.
SplitReport run_split(const SplitOptions& options);

}  // namespace rec
