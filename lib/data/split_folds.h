// Several splits of the same rows: folds for cross-validation, and windows of time that
// move on. As in data/split.h, rows that are kRemoved stay so. For one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "data/interactions.h"
#include "data/sessions.h"
#include "data/split.h"

namespace rec {

enum class FoldUnit { kPairs, kUsers };  // what is in one fold as a whole

// The fold of each row, from 0 to folds - 1: the distinct (user, item) pairs, or the users,
// in order of a seeded hash of their ids are dealt out one by one, so that folds differ by
// one pair (user) at most, and the order of the rows does not matter.
std::vector<uint32_t> deal_folds(const Interactions& data, FoldUnit unit, uint32_t folds, uint64_t seed,
                                 const Parts& parts);

// Fold `test` is kTest, with `valid` the next one (after the last the first) is kValid, the
// others are kTrain.
void take_fold(const std::vector<uint32_t>& fold, uint32_t test, uint32_t folds, bool valid, Parts& parts);

// train < valid_from <= validation < test_from <= test < test_to; no validation where
// valid_from is test_from.
struct Window {
  Time valid_from;
  Time test_from;
  Time test_to;
};

struct WindowPlan {
  double length = 0.0;          // in the timestamps' unit, more than 0
  std::optional<Time> first;    // where the first one begins
  std::optional<size_t> count;  // default: 1, or up to the newest row where `first` is given
  bool valid = false;           // validation has the same length
};

constexpr size_t kMostSplits = 100;

// The windows in order of time, each beginning where the one before ends. Without `first`
// the last one ends with the newest row. Throws Error for more than kMostSplits.
// REQUIRES: timestamps.
std::vector<Window> find_windows(const Interactions& data, const WindowPlan& plan, const Parts& parts);

// Rows from test_to on are kRemoved. sessions: null, or a row counts as of the time of its
// session's last row.
void take_window(const Interactions& data, const Sessions* sessions, const Window& window, Parts& parts);

}  // namespace rec
