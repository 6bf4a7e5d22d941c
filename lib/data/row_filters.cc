#include "data/row_filters.h"

#include <algorithm>
#include <cmath>

namespace rec {
namespace {

// Calls body(rows) with the rows of each user that are left, in time order.
template <class Body>
void for_each_user(const Sequences& order, const Parts& parts, Body&& body) {
  std::vector<uint32_t> rows;
  for (size_t user = 0; user + 1 < order.begin.size(); ++user) {
    rows.clear();
    for (uint64_t at = order.begin[user]; at < order.begin[user + 1]; ++at) {
      if (parts[order.row[at]] != Part::kRemoved) rows.push_back(order.row[at]);
    }
    if (!rows.empty()) body(rows);
  }
}

// The number of the day. A time that rounding moved up to midnight is of the day before.
double day_of(const Time& time, double day) {
  const double number = std::floor(time.value / day);
  return time.rest < 0 && number * day == time.value ? number - 1 : number;
}

}  // namespace

size_t remove_repeats_within(const Interactions& data, const Sequences& order, double window, Parts& parts) {
  size_t removed = 0;
  for_each_user(order, parts, [&](std::vector<uint32_t>& rows) {
    // The rows of an item stay in time order.
    std::stable_sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) { return data.item[a] < data.item[b]; });
    uint32_t kept = rows.front();
    for (size_t at = 1; at < rows.size(); ++at) {
      if (data.item[rows[at]] != data.item[kept] || between(data.time(kept), data.time(rows[at])) > window) {
        kept = rows[at];
        continue;
      }
      parts[rows[at]] = Part::kRemoved;
      ++removed;
    }
  });
  return removed;
}

BurstsRemoved remove_bursts(const Interactions& data, const Sequences& order, uint64_t most, double minute,
                            Parts& parts) {
  BurstsRemoved removed;
  for_each_user(order, parts, [&](const std::vector<uint32_t>& rows) {
    size_t first = 0;       // of the rows within a minute up to `at`
    size_t removed_to = 0;  // rows before it are looked at
    size_t its = 0;
    for (size_t at = 0; at < rows.size(); ++at) {
      while (between(data.time(rows[first]), data.time(rows[at])) >= minute) ++first;
      const size_t within = at + 1 - first;
      removed.most_rows = std::max(removed.most_rows, within);
      if (within <= most) continue;
      for (size_t burst = std::max(first, removed_to); burst <= at; ++burst) {
        parts[rows[burst]] = Part::kRemoved;
        ++its;
      }
      removed_to = at + 1;
    }
    removed.rows += its;
    removed.users += its > 0;
  });
  return removed;
}

DaysRemoved remove_beyond_day(const Interactions& data, const Sequences& order, uint64_t most, double day,
                              Parts& parts) {
  DaysRemoved removed;
  for_each_user(order, parts, [&](const std::vector<uint32_t>& rows) {
    double today = 0;
    size_t count = 0, its = 0;
    for (const uint32_t row : rows) {
      const double its_day = day_of(data.time(row), day);
      count = count > 0 && its_day == today ? count + 1 : 1;
      today = its_day;
      removed.most_rows = std::max(removed.most_rows, count);
      if (count <= most) continue;
      parts[row] = Part::kRemoved;
      ++its;
    }
    removed.rows += its;
    removed.users += its > 0;
  });
  return removed;
}

}  // namespace rec
