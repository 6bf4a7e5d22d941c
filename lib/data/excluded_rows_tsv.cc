#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "data/decay.h"
#include "data/excluded_rows.h"
#include "data/time_unit.h"
#include "io/table.h"

namespace rec {
namespace {

// Keeps the rows whose timestamp is greater than `last`, and returns how many went.
uint64_t keep_later(UserItems& lists, double last) {
  uint64_t kept = 0;
  for (size_t user = 0; user < lists.users.size(); ++user) {
    const uint64_t end = lists.begin[user + 1];
    uint64_t at = lists.begin[user];
    lists.begin[user] = kept;
    for (; at < end; ++at) {
      if (lists.timestamp[at] > last) lists.item[kept++] = lists.item[at];
    }
  }
  lists.begin.back() = kept;
  const uint64_t gone = lists.item.size() - kept;
  lists.item.resize(kept);
  return gone;
}

// Seconds beside milliseconds would make one file older than all of the other.
void check_units(const std::vector<std::string>& paths, const std::vector<UserItems>& lists) {
  size_t told = lists.size();
  TimeScale its;
  for (size_t at = 0; at < lists.size(); ++at) {
    const TimeScale scale = time_scale(lists[at].timestamp, false);
    if (lists[at].timestamp.empty() || !is_since_1970(scale)) continue;
    if (told == lists.size()) {
      told = at;
      its = scale;
    } else if (scale.per_second != its.per_second) {
      fail("{}: the timestamps look like {}, those of {} like {}: --exclude-for needs one unit", input_name(paths[at]),
           scale.unit, input_name(paths[told]), its.unit);
    }
  }
}

}  // namespace

ExcludedRows read_excluded_rows(const std::vector<std::string>& paths, const Duration& age, const ReadOptions& options,
                                int threads) {
  ExcludedRows excluded;
  const bool for_a_time = age.amount > 0;
  for (const std::string& path : paths) {
    excluded.lists.push_back(read_user_items(path, options, {.timestamp = for_a_time}, threads));
    if (for_a_time && excluded.lists.back().size() > 0 && excluded.lists.back().timestamp.empty())
      fail("{}: no timestamp column, as --exclude-for needs", input_name(path));
  }
  if (!for_a_time) return excluded;
  check_units(paths, excluded.lists);
  std::vector<double> all;
  for (const UserItems& lists : excluded.lists) all.insert(all.end(), lists.timestamp.begin(), lists.timestamp.end());
  const TimeScale scale = time_scale(all, false);
  if (age.seconds && !scale.note.empty() && !all.empty()) excluded.notes.push_back(scale.note);
  const double last = newest(all) - in_timestamps(age, scale).amount;
  uint64_t gone = 0;
  for (UserItems& lists : excluded.lists) {
    gone += keep_later(lists, last);
    lists.timestamp.clear();
    lists.timestamp_rest.clear();
  }
  // A bare number of days, 7, 30 or 365, taken for seconds or less.
  const double seconds = age.seconds ? age.amount : age.amount / scale.per_second;
  if (!age.seconds && is_since_1970(scale) && seconds < 600 && 2 * gone >= all.size() && !all.empty()) {
    excluded.warning = fmt::format(
        "--exclude-for {}: the timestamps look like {}, of which it is {:.3g} seconds; with a unit, as in "
        "30d, it is converted",
        duration_text(age), scale.unit, seconds);
  }
  excluded.notes.push_back(
      fmt::format("{} of {} rows of --exclude are older than --exclude-for allows, and are ignored", gone, all.size()));
  return excluded;
}

}  // namespace rec
