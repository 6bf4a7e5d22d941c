#include "data/split.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "base/error.h"

namespace rec {
namespace {

constexpr Time kNever = std::numeric_limits<double>::infinity();
constexpr Time kAlways = -std::numeric_limits<double>::infinity();

Time time_of(const Interactions& data, size_t row) {
  return data.timestamp.empty() ? Time(static_cast<double>(row)) : data.time(row);
}

// The time of a row where all users have one clock.
Time time_of(const Interactions& data, const Sessions* sessions, size_t row) {
  return sessions != nullptr ? sessions->last[sessions->of[row]] : time_of(data, row);
}

std::string text_of(const Time& time) {
  std::string text;
  append_time(text, time, false);
  return text;
}

uint64_t share_of(double fraction, size_t rows) {
  return static_cast<uint64_t>(std::llround(fraction * static_cast<double>(rows)));
}

// Calls body(user, rows) for every user's remaining rows in time order.
template <class Body>
void for_each_user(const Interactions& data, const Parts& parts, Body&& body) {
  const Sequences sequences = by_time(data);
  std::vector<uint32_t> rows;
  for (uint32_t user = 0; user < data.users.size(); ++user) {
    rows.clear();
    for (uint64_t at = sequences.begin[user]; at < sequences.begin[user + 1]; ++at) {
      if (parts[sequences.row[at]] != Part::kRemoved) rows.push_back(sequences.row[at]);
    }
    if (!rows.empty()) body(user, rows);
  }
}

// A number in [0, 1) that depends on the bytes and the seed alone.
double unit_hash(std::string_view bytes, uint64_t seed) {
  return static_cast<double>(XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed) >> 11) * 0x1p-53;
}

Part part_of_hash(double hash, const SplitPlan& plan) {
  if (hash < plan.test_fraction) return Part::kTest;
  return hash < plan.test_fraction + plan.valid_fraction ? Part::kValid : Part::kTrain;
}

void split_by_time(const Interactions& data, const SplitPlan& plan, Parts& parts, SplitNotes& notes) {
  Time valid_from = plan.valid_from.value_or(kNever);
  Time test_from = plan.test_from.value_or(kNever);
  if (!plan.test_from) {
    std::vector<Time> times;
    for (size_t row = 0; row < parts.size(); ++row) {
      if (parts[row] != Part::kRemoved) times.push_back(time_of(data, plan.sessions, row));
    }
    auto cut = [&](double fraction) {  // the time of the row so many rows from the end
      const uint64_t later = std::min<uint64_t>(share_of(fraction, times.size()), times.size());
      if (later == 0) return kNever;
      const auto nth = times.end() - static_cast<std::ptrdiff_t>(later);
      std::nth_element(times.begin(), nth, times.end());
      return *nth;
    };
    test_from = cut(plan.test_fraction);
    if (plan.valid_fraction > 0) valid_from = cut(plan.test_fraction + plan.valid_fraction);
  }
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] == Part::kRemoved) continue;
    const Time time = time_of(data, plan.sessions, row);
    parts[row] = time >= test_from ? Part::kTest : time >= valid_from ? Part::kValid : Part::kTrain;
  }
  if (valid_from != kNever) notes.valid_from = valid_from;
  if (test_from != kNever) notes.test_from = test_from;
}

void split_by_user(const Interactions& data, const SplitPlan& plan, Parts& parts, SplitNotes& notes) {
  std::vector<size_t> begin;  // of each row or session in the user's rows
  for_each_user(data, parts, [&](uint32_t, const std::vector<uint32_t>& rows) {
    begin.clear();
    for (size_t at = 0; at < rows.size(); ++at) {
      if (at == 0 || plan.sessions == nullptr || plan.sessions->of[rows[at]] != plan.sessions->of[rows[at - 1]])
        begin.push_back(at);
    }
    const size_t n = begin.size();
    begin.push_back(rows.size());
    uint64_t test = 0;
    uint64_t valid = 0;
    if (plan.method == SplitMethod::kUserTime) {
      test = std::min<uint64_t>(share_of(plan.test_fraction, n), n - 1);
      valid = std::min<uint64_t>(share_of(plan.valid_fraction, n), n - 1 - test);
    } else if (n > plan.test_rows && n - plan.test_rows > plan.valid_rows) {
      test = plan.test_rows;
      valid = plan.valid_rows;
    }
    if (test == 0) ++notes.short_users;
    const size_t valid_begin = begin[n - test - valid];
    const size_t test_begin = begin[n - test];
    bool tied = false;
    for (size_t at = 0; at < rows.size(); ++at) {
      parts[rows[at]] = at >= test_begin ? Part::kTest : at >= valid_begin ? Part::kValid : Part::kTrain;
      const bool cut = at > 0 && parts[rows[at]] != parts[rows[at - 1]];
      if (cut && time_of(data, rows[at]) == time_of(data, rows[at - 1])) tied = true;
    }
    if (tied) ++notes.tied_users;
  });
}

void split_by_hash(const Interactions& data, const SplitPlan& plan, Parts& parts) {
  SplitHash hash(data, plan.seed);
  if (plan.method == SplitMethod::kHashRow) {
    for (size_t row = 0; row < parts.size(); ++row) {
      if (parts[row] != Part::kRemoved) parts[row] = part_of_hash(hash.pair(data.user[row], data.item[row]), plan);
    }
    return;
  }
  const bool by_user = plan.method == SplitMethod::kHashUser;
  Parts of_id((by_user ? data.users : data.items).size());
  for (uint32_t id = 0; id < of_id.size(); ++id)
    of_id[id] = part_of_hash(by_user ? hash.user(id) : hash.item(id), plan);
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] != Part::kRemoved) parts[row] = of_id[by_user ? data.user[row] : data.item[row]];
  }
}

void split_by_chance(const Interactions& data, const SplitPlan& plan, Parts& parts, SplitNotes& notes) {
  struct Item {
    double hash;
    uint32_t item;
    auto operator<=>(const Item&) const = default;
  };
  SplitHash hash(data, plan.seed);
  std::vector<Item> items;
  std::vector<Part> part(data.items.size());  // of the user's items
  for_each_user(data, parts, [&](uint32_t user, const std::vector<uint32_t>& rows) {
    items.clear();
    for (const uint32_t row : rows) items.push_back({hash.pair(user, data.item[row]), data.item[row]});
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
    const size_t n = items.size();
    const uint64_t test = std::min<uint64_t>(share_of(plan.test_fraction, n), n - 1);
    const uint64_t valid = std::min<uint64_t>(share_of(plan.valid_fraction, n), n - 1 - test);
    if (test == 0) ++notes.short_users;
    for (size_t at = 0; at < n; ++at)
      part[items[at].item] = at < test ? Part::kTest : at < test + valid ? Part::kValid : Part::kTrain;
    for (const uint32_t row : rows) parts[row] = part[data.item[row]];
  });
}

// Which users (or items) have a row in `part`.
std::vector<char> present(std::span<const uint32_t> ids, size_t count, const Parts& parts, Part part) {
  std::vector<char> there(count, 0);
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] == part) there[ids[row]] = 1;
  }
  return there;
}

// The rows of each user (or item): row numbers, those of id are [begin[id], begin[id+1]).
struct Buckets {
  std::vector<uint64_t> begin;
  std::vector<uint32_t> row;
  std::vector<uint64_t> left;  // rows not removed
};

Buckets buckets(std::span<const uint32_t> ids, size_t count, const Parts& parts) {
  Buckets out;
  out.begin.assign(count + 1, 0);
  for (size_t row = 0; row < ids.size(); ++row) {
    if (parts[row] != Part::kRemoved) ++out.begin[ids[row] + 1];
  }
  out.left.assign(out.begin.begin() + 1, out.begin.end());
  for (size_t id = 0; id < count; ++id) out.begin[id + 1] += out.begin[id];
  out.row.resize(out.begin[count]);
  std::vector<uint64_t> next(out.begin.begin(), out.begin.end() - 1);
  for (size_t row = 0; row < ids.size(); ++row) {
    if (parts[row] != Part::kRemoved) out.row[next[ids[row]]++] = static_cast<uint32_t>(row);
  }
  return out;
}

}  // namespace

size_t remove_below(const Interactions& data, double min_value, Parts& parts) {
  size_t removed = 0;
  for (size_t row = 0; row < parts.size(); ++row) {
    // Values are floats, and 4.1f is not 4.1: compare what was read from like text.
    if (parts[row] == Part::kRemoved || data.value[row] >= static_cast<float>(min_value)) continue;
    parts[row] = Part::kRemoved;
    ++removed;
  }
  return removed;
}

size_t remove_duplicates(const Interactions& data, DuplicateRows policy, Parts& parts) {
  if (policy == DuplicateRows::kKeep) return 0;
  size_t removed = 0;
  uint64_t first_repeat = parts.size();
  for_each_user(data, parts, [&](uint32_t, std::vector<uint32_t>& rows) {
    std::stable_sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) { return data.item[a] < data.item[b]; });
    for (size_t begin = 0, end; begin < rows.size(); begin = end) {
      for (end = begin + 1; end < rows.size() && data.item[rows[end]] == data.item[rows[begin]];) ++end;
      if (end - begin == 1) continue;
      uint32_t kept = policy == DuplicateRows::kLast ? rows[end - 1] : rows[begin];
      for (size_t at = begin; at < end; ++at) {
        if (policy == DuplicateRows::kError) {  // the second one in the input
          std::sort(rows.begin() + static_cast<std::ptrdiff_t>(begin), rows.begin() + static_cast<std::ptrdiff_t>(end));
          first_repeat = std::min<uint64_t>(first_repeat, rows[begin + 1]);
          break;
        }
        if (policy != DuplicateRows::kMax) break;
        const float value = data.value[rows[at]];
        if (value > data.value[kept] || (value == data.value[kept] && rows[at] < kept)) kept = rows[at];
      }
      for (size_t at = begin; at < end; ++at) {
        if (rows[at] != kept) parts[rows[at]] = Part::kRemoved;
      }
      removed += end - begin - 1;
    }
  });
  if (policy == DuplicateRows::kError && first_repeat < parts.size()) {
    fail("user \"{}\" and item \"{}\" stand together in more than one row ({} such row{} in all)",
         printable(data.users[data.user[first_repeat]]), printable(data.items[data.item[first_repeat]]), removed,
         removed == 1 ? "" : "s");
  }
  return removed;
}

CoreRemoved keep_core(const Interactions& data, uint64_t user_rows, uint64_t item_rows, Parts& parts) {
  if (parts.size() > UINT32_MAX) fail("more than {} rows", UINT32_MAX);
  Buckets sides[2] = {buckets(data.user, data.users.size(), parts), buckets(data.item, data.items.size(), parts)};
  const std::span<const uint32_t> other_ids[2] = {data.item, data.user};
  const uint64_t least[2] = {user_rows, item_rows};
  // Who has fallen below goes on the list once, with its rows still to be removed.
  std::vector<std::pair<int, uint32_t>> fallen;
  size_t count[2] = {0, 0};
  for (int side = 0; side < 2; ++side) {
    for (uint32_t id = 0; id < sides[side].left.size(); ++id) {
      if (sides[side].left[id] > 0 && sides[side].left[id] < least[side]) fallen.emplace_back(side, id);
    }
  }
  CoreRemoved removed;
  while (!fallen.empty()) {
    const auto [side, id] = fallen.back();
    fallen.pop_back();
    ++count[side];
    Buckets& other = sides[1 - side];
    for (uint64_t at = sides[side].begin[id]; at < sides[side].begin[id + 1]; ++at) {
      const uint32_t row = sides[side].row[at];
      if (parts[row] == Part::kRemoved) continue;
      parts[row] = Part::kRemoved;
      ++removed.rows;
      const uint32_t other_id = other_ids[side][row];
      // At least[] exactly before this row: it falls now, and only now.
      if (other.left[other_id]-- == least[1 - side]) fallen.emplace_back(1 - side, other_id);
    }
  }
  removed.users = count[0];
  removed.items = count[1];
  return removed;
}

SplitNotes split_rows(const Interactions& data, const SplitPlan& plan, Parts& parts) {
  SplitNotes notes;
  switch (plan.method) {
    case SplitMethod::kNone:
      for (Part& part : parts) part = part == Part::kRemoved ? part : Part::kTrain;
      break;
    case SplitMethod::kTime:
      split_by_time(data, plan, parts, notes);
      break;
    case SplitMethod::kUserTime:
    case SplitMethod::kLeaveOneOut:
    case SplitMethod::kLeaveKOut:
      split_by_user(data, plan, parts, notes);
      break;
    case SplitMethod::kHashUser:
    case SplitMethod::kHashItem:
    case SplitMethod::kHashRow:
      split_by_hash(data, plan, parts);
      break;
    case SplitMethod::kUserRandom:
      split_by_chance(data, plan, parts, notes);
      break;
    case SplitMethod::kFolds:
    case SplitMethod::kWindows:
      break;
  }
  return notes;
}

void check_no_leak(const Interactions& data, SplitMethod method, const Parts& parts, const Sessions* sessions) {
  static constexpr const char* kNames[] = {"train", "validation", "test"};
  if (method == SplitMethod::kNone || method == SplitMethod::kHashRow || method == SplitMethod::kUserRandom ||
      method == SplitMethod::kFolds)
    return;
  const bool one_clock = method == SplitMethod::kTime || method == SplitMethod::kWindows;
  const bool by_item = method == SplitMethod::kHashItem;
  const IdTable& ids = by_item ? data.items : data.users;
  // Per user (item), or once for all: the latest time of each part and the earliest.
  const size_t clocks = one_clock ? 1 : ids.size();
  struct Span {
    Time first = kNever;
    Time last = kAlways;
  };
  std::vector<Span> spans(3 * clocks);
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] == Part::kRemoved) continue;
    Span& span = spans[3 * (one_clock ? 0
                            : by_item ? data.item[row]
                                      : data.user[row]) +
                       static_cast<size_t>(parts[row])];
    const Time time = one_clock ? time_of(data, sessions, row) : time_of(data, row);
    span.first = std::min(span.first, time);
    span.last = std::max(span.last, time);
  }
  for (size_t clock = 0; clock < clocks; ++clock) {
    for (size_t earlier = 0; earlier < 3; ++earlier) {
      for (size_t later = earlier + 1; later < 3; ++later) {
        const Span& before = spans[3 * clock + earlier];
        const Span& after = spans[3 * clock + later];
        if (before.first > before.last || after.first > after.last) continue;  // an empty part
        const std::string whose = one_clock ? ""
                                            : fmt::format("{} \"{}\": ", by_item ? "item" : "user",
                                                          printable(ids[static_cast<uint32_t>(clock)]));
        if (method == SplitMethod::kHashUser || by_item)
          fail("{}rows in both {} and {}", whose, kNames[earlier], kNames[later]);
        if (one_clock ? before.last < after.first : before.last <= after.first) continue;
        fail("the future leaks: {}{} has time {}, {} has {}", whose, kNames[earlier], text_of(before.last),
             kNames[later], text_of(after.first));
      }
    }
  }
}

bool cuts_each_user(SplitMethod method) {
  return method == SplitMethod::kUserTime || method == SplitMethod::kLeaveOneOut || method == SplitMethod::kLeaveKOut;
}

size_t rows_after_test(const Interactions& data, const Parts& parts) {
  Time first = kNever;
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] == Part::kTest) first = std::min(first, time_of(data, row));
  }
  size_t later = 0;
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] == Part::kTrain && time_of(data, row) > first) ++later;
  }
  return later;
}

Repeated repeated_rows(const Interactions& data, Parts& parts, bool remove) {
  std::vector<uint64_t> next(data.users.size() + 1, 0);  // where the user's next row goes
  for (const uint32_t user : data.user) ++next[user + 1];
  for (size_t user = 1; user < next.size(); ++user) next[user] += next[user - 1];
  std::vector<uint64_t> begin = next;
  if (data.size() > UINT32_MAX) fail("more than {} rows", UINT32_MAX);
  std::vector<uint32_t> rows(data.size());
  for (size_t row = 0; row < data.size(); ++row) rows[next[data.user[row]]++] = static_cast<uint32_t>(row);
  Repeated repeated;
  std::vector<uint32_t> seen_by(data.items.size(), kNoId);  // the last user with the item in train
  for (uint32_t user = 0; user < data.users.size(); ++user) {
    for (uint64_t at = begin[user]; at < begin[user + 1]; ++at) {
      if (parts[rows[at]] == Part::kTrain) seen_by[data.item[rows[at]]] = user;
    }
    for (uint64_t at = begin[user]; at < begin[user + 1]; ++at) {
      Part& part = parts[rows[at]];
      if ((part != Part::kValid && part != Part::kTest) || seen_by[data.item[rows[at]]] != user) continue;
      ++(part == Part::kValid ? repeated.valid : repeated.test);
      if (remove) part = Part::kRemoved;
    }
  }
  return repeated;
}

double SplitHash::user(uint32_t user) const { return unit_hash(data_.users[user], seed_); }

double SplitHash::item(uint32_t item) const { return unit_hash(data_.items[item], seed_); }

double SplitHash::pair(uint32_t user, uint32_t item) {
  bytes_.assign(data_.users[user]).append(1, '\t').append(data_.items[item]);
  return unit_hash(bytes_, seed_);
}

size_t remove_cold(const Interactions& data, Parts& parts) {
  const auto users = present(data.user, data.users.size(), parts, Part::kTrain);
  const auto items = present(data.item, data.items.size(), parts, Part::kTrain);
  size_t removed = 0;
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] != Part::kValid && parts[row] != Part::kTest) continue;
    if (users[data.user[row]] != 0 && items[data.item[row]] != 0) continue;
    parts[row] = Part::kRemoved;
    ++removed;
  }
  return removed;
}

PartCounts count_part(const Interactions& data, const Parts& parts, Part part) {
  const auto users = present(data.user, data.users.size(), parts, part);
  const auto items = present(data.item, data.items.size(), parts, part);
  const auto train_users = present(data.user, data.users.size(), parts, Part::kTrain);
  const auto train_items = present(data.item, data.items.size(), parts, Part::kTrain);
  PartCounts counts;
  for (size_t user = 0; user < users.size(); ++user) {
    counts.users += users[user] != 0;
    counts.cold_users += users[user] != 0 && train_users[user] == 0;
  }
  for (size_t item = 0; item < items.size(); ++item) {
    counts.items += items[item] != 0;
    counts.cold_items += items[item] != 0 && train_items[item] == 0;
  }
  for (size_t row = 0; row < parts.size(); ++row) {
    if (parts[row] != part) continue;
    ++counts.rows;
    counts.cold_rows += train_users[data.user[row]] == 0 || train_items[data.item[row]] == 0;
  }
  return counts;
}

}  // namespace rec
