#include "data/split_folds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace rec {
namespace {

// A pair or a user, where the hash of its ids puts it.
struct Place {
  double hash;
  uint32_t user;
  uint32_t item;
  auto operator<=>(const Place&) const = default;
};

// As `factor` more windows on.
Time later(const Time& time, double length, size_t factor) { return plus(time, length * static_cast<double>(factor)); }

}  // namespace

std::vector<uint32_t> deal_folds(const Interactions& data, FoldUnit unit, uint32_t folds, uint64_t seed,
                                 const Parts& parts) {
  SplitHash hash(data, seed);
  const auto place_of = [&](size_t row) {
    const uint32_t user = data.user[row];
    if (unit == FoldUnit::kUsers) return Place{hash.user(user), user, 0};
    return Place{hash.pair(user, data.item[row]), user, data.item[row]};
  };
  std::vector<Place> places;
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] != Part::kRemoved) places.push_back(place_of(row));
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  std::vector<uint32_t> fold(parts.size(), 0);
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] == Part::kRemoved) continue;
    const auto found = std::lower_bound(places.begin(), places.end(), place_of(row));
    fold[row] = static_cast<uint32_t>(static_cast<size_t>(found - places.begin()) % folds);
  }
  return fold;
}

void take_fold(const std::vector<uint32_t>& fold, uint32_t test, uint32_t folds, bool valid, Parts& parts) {
  const uint32_t next = (test + 1) % folds;
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] == Part::kRemoved) continue;
    parts[row] = fold[row] == test ? Part::kTest : valid && fold[row] == next ? Part::kValid : Part::kTrain;
  }
}

std::vector<Window> find_windows(const Interactions& data, const WindowPlan& plan, const Parts& parts) {
  Time newest(-std::numeric_limits<double>::infinity());
  bool whole = true;
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] == Part::kRemoved) continue;
    const Time time = data.time(row);
    newest = std::max(newest, time);
    whole = whole && time.value == std::floor(time.value) && time.rest == std::floor(time.rest);
  }
  size_t count = plan.count.value_or(1);
  Time first;
  if (plan.first) {
    first = *plan.first;
    const double span = between(first, newest);
    if (!plan.count && span >= 0) {
      const double windows = std::floor(span / plan.length) + 1;
      if (windows > static_cast<double>(kMostSplits)) {
        fail(
            "{:.0f} windows from --test-from to the newest row, at most {} are written; say --windows N or a longer "
            "--window",
            windows, kMostSplits);
      }
      count = static_cast<size_t>(windows);
    }
  } else {
    // A window holds its first moment and not its last: it ends just after the newest row.
    const Time end = whole ? plus(newest, 1)
                           : Time(newest.value, std::nextafter(newest.rest, std::numeric_limits<double>::infinity()));
    first = plus(end, -plan.length * static_cast<double>(count));
  }
  std::vector<Window> windows;
  for (size_t at = 0; at < count; ++at) {
    const Time from = later(first, plan.length, at);
    windows.push_back({plan.valid ? plus(from, -plan.length) : from, from, later(first, plan.length, at + 1)});
  }
  return windows;
}

void take_window(const Interactions& data, const Sessions* sessions, const Window& window, Parts& parts) {
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] == Part::kRemoved) continue;
    const Time time = sessions != nullptr ? sessions->last[sessions->of[row]] : data.time(row);
    parts[row] = time >= window.test_to      ? Part::kRemoved
                 : time >= window.test_from  ? Part::kTest
                 : time >= window.valid_from ? Part::kValid
                                             : Part::kTrain;
  }
}

}  // namespace rec
