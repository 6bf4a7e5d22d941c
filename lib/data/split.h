// Interactions into train, validation and test, in memory. Symbols: N rows.
//
// Every function works on the N parts of N rows and touches none that are
// kRemoved already; so filters and the split are applied one after the other.
// Time is the timestamp or, where data.timestamp is empty, the row number: then
// the input's order is taken for time. Rows of equal time keep the input's order.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/option.h"
#include "data/interactions.h"
#include "data/sessions.h"

namespace rec {

enum class Part : uint8_t { kTrain, kValid, kTest, kRemoved };
using Parts = std::vector<Part>;  // N

enum class SplitMethod {
  kNone,         // all rows are kTrain: filters only
  kTime,         // cut times for all users alike: the future of all is held out
  kUserTime,     // the last fractions of each user's rows
  kLeaveOneOut,  // the last row of each user
  kLeaveKOut,    // the last rows of each user: SplitPlan::test_rows
  kHashUser,     // a fraction of the users, with all their rows
  kHashItem,     // a fraction of the items, with all their rows
  kHashRow,      // a fraction of the (user, item) pairs
  kUserRandom,   // a fraction of each user's items
  kFolds,        // data/split_folds.h
  kWindows,      // the same
};

constexpr Named<SplitMethod> kSplitMethods[] = {
    {"time", SplitMethod::kTime},
    {"user-time", SplitMethod::kUserTime},
    {"leave-one-out", SplitMethod::kLeaveOneOut},
    {"leave-k-out", SplitMethod::kLeaveKOut},
    {"hash-user", SplitMethod::kHashUser},
    {"hash-item", SplitMethod::kHashItem},
    {"hash-row", SplitMethod::kHashRow},
    {"user-random", SplitMethod::kUserRandom},
    {"folds", SplitMethod::kFolds},
    {"windows", SplitMethod::kWindows},
    {"none", SplitMethod::kNone},
};

struct SplitPlan {
  SplitMethod method = SplitMethod::kTime;
  // Shares of the rows (kHashUser, kHashItem: of the users, items), rounded to whole rows; 0: none.
  double test_fraction = 0.2;
  double valid_fraction = 0.0;
  // kTime: cut times instead of fractions: train < valid_from <= valid <
  // test_from <= test. valid_from without a value: no validation part.
  std::optional<Time> test_from;
  std::optional<Time> valid_from;
  // kTime, kUserTime, kLeave*: null, or whole sessions stay together, and the last two
  // count sessions where they else count rows.
  const Sessions* sessions = nullptr;
  // kLeave*: rows of each user for test, and for validation the ones before.
  uint64_t test_rows = 1;
  uint64_t valid_rows = 0;
  uint64_t seed = 1;  // kHash*, kUserRandom
};

// Removes rows whose value is below `min_value`; returns how many.
// REQUIRES: data.value.
size_t remove_below(const Interactions& data, double min_value, Parts& parts);

// What becomes of rows of the same user and item.
enum class DuplicateRows {
  kKeep,
  kFirst,  // in time
  kLast,   // in time
  kMax,    // the largest value, the first in the input of equal ones; REQUIRES data.value
  kError,  // throws Error
};
size_t remove_duplicates(const Interactions& data, DuplicateRows policy, Parts& parts);

// Removes users with fewer than `user_rows` rows and items with fewer than
// `item_rows`, again and again until none is left: the largest table in which
// every user and item has enough, whatever the order of the rows.
struct CoreRemoved {
  size_t rows = 0;
  size_t users = 0;
  size_t items = 0;
};
CoreRemoved keep_core(const Interactions& data, uint64_t user_rows, uint64_t item_rows, Parts& parts);

// Gives every row its part.
//   kTime with fractions: the cut falls before the row that stands so many rows
//     from the end in time order; a timestamp that it would divide goes whole to
//     the later part. With sessions, a row counts as of the time of its session's
//     last row: so a session is train if it has ended before the cut.
//   kUserTime: of a user's n rows the last round(test_fraction * n) are test and
//     the round(valid_fraction * n) before them validation, but the user's first
//     row is always train.
//   kLeave*: users with fewer than 1 + test_rows + valid_rows rows stay whole
//     in train.
//   kHashUser, kHashItem, kHashRow: by a seeded hash of the ids alone, so a row's part does
//     not depend on the other rows.
//   kUserRandom: of a user's n distinct items, in order of a seeded hash of the pair,
//     the first round(test_fraction * n) are test and the round(valid_fraction * n) after
//     them validation, with all rows of the pair; one item at least is train.
// Returns what there is to say about it.
struct SplitNotes {
  Time valid_from = -std::numeric_limits<double>::infinity();  // kTime: the cuts used; -inf: none
  Time test_from = -std::numeric_limits<double>::infinity();
  size_t short_users = 0;  // kUserTime, kUserRandom, kLeave*: users without a test row
  size_t tied_users = 0;   // kUserTime, kLeave*: users with equal times on both sides of a cut
};
// REQUIRES: a method other than kFolds and kWindows.
SplitNotes split_rows(const Interactions& data, const SplitPlan& plan, Parts& parts);

// Throws Error if a row of the future stands in an earlier part: kTime, kWindows: every
// time in train < every one in validation < every one in test; kUserTime,
// kLeave*: for each user the same with <=. kHashUser, kHashItem: if a user (an item) is in two parts.
// sessions: as the plan's; then the time of a row of kTime is that of its session.
void check_no_leak(const Interactions& data, SplitMethod method, const Parts& parts,
                   const Sessions* sessions = nullptr);

// Does each user's own time decide (and no time that is common to all)?
bool cuts_each_user(SplitMethod method);

// The rows in train that are later than some row of test, of whatever user.
size_t rows_after_test(const Interactions& data, const Parts& parts);

// How many rows of validation and test repeat a (user, item) pair of train; `remove`: they
// are removed, too.
struct Repeated {
  size_t valid = 0;
  size_t test = 0;
};
Repeated repeated_rows(const Interactions& data, Parts& parts, bool remove);

// Removes validation and test rows whose user or item has no row in train.
size_t remove_cold(const Interactions& data, Parts& parts);

struct PartCounts {
  size_t rows = 0;
  size_t users = 0;
  size_t items = 0;
  size_t cold_users = 0;  // without a row in train
  size_t cold_items = 0;
  size_t cold_rows = 0;  // with either
};
// The counts of `part` itself, whatever kTrain holds.
PartCounts count_part(const Interactions& data, const Parts& parts, Part part);

// Numbers in [0, 1) that depend on the ids' bytes and the seed alone. For one thread.
class SplitHash {
 public:
  SplitHash(const Interactions& data, uint64_t seed) : data_(data), seed_(seed) {}
  double user(uint32_t user) const;
  double item(uint32_t item) const;
  double pair(uint32_t user, uint32_t item);

 private:
  const Interactions& data_;
  uint64_t seed_;
  std::string bytes_;  // of a pair; one for all, since there is one a row
};

}  // namespace rec
